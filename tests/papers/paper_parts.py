"""A paper with one of everything, and with text that means harm, for the tests of what is drawn from papers."""

from __future__ import annotations

from dataclasses import replace

from madang.papers.blocks import (
    Block,
    Bullets,
    Column,
    Contents,
    Facts,
    Figure,
    Grid,
    Heading,
    Line,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Tile,
    Tiles,
    Words,
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="160" viewBox="0 0 640 160">'
    '<rect width="640" height="160" fill="#eeeeff"/><text x="10" y="40" font-size="20">점수</text></svg>'
).encode()

COLUMNS = (Column("순위", 1, "right"), Column("번호", 2), Column("신청 기관", 5), Column("점수", 2, "right"))

#: What applicants may write: markup, a null byte, a bell, a lone surrogate, a character XML forbids, text that turns
#: its direction, Arabic, a flag of two characters, a family of four, a combining mark, a tab and three kinds of line.
HOSTILE = (
    "<w:p/>&amp;\"'", "]]><!--", "a\x00b\x07c", "d\ud800e", "f\uffffg", "x\u202eevil\u2066y", "مدينة ذكية",
    "🇰🇷 👩‍👩‍👧‍👦", "e\u0301", "=cmd|' /C calc'!A0", "one\ttab", "one\ntwo\r\nthree\u2028four", "{\\rtf1}", "^1.%s{0}",
)  # fmt: skip
SHOWN = (
    "<w:p/>&amp;\"'", "]]><!--", "a\ufffdb\ufffdc", "d\ufffde", "f\ufffdg", "xevily", "مدينة ذكية",
    "🇰🇷 👩‍👩‍👧‍👦", "e\u0301", "=cmd|' /C calc'!A0", "one tab", "one", "two", "three", "four", "{\\rtf1}", "^1.%s{0}",
)  # fmt: skip


def grid(rows: int, *, wide: bool = False, title: str = "순위표") -> Grid:
    lines = [Line((str(n), f"A{n:03d}", f"기관 {n}", f"{100 - n}.25")) for n in range(1, rows + 1)]
    lines.insert(2, Line(("여기까지 선정 (2건)",), "line"))
    lines += [Line(("", "", "합계", "1,234"), "total")]
    return Grid(title, COLUMNS, tuple(lines), "주: 지어낸 자료", wide)


def parts(rows: int = 5) -> tuple[Block, ...]:
    return (
        Paragraph("24건 가운데 2건을 선정했습니다.", "lead"),
        Tiles(tuple(Tile(f"이름 {n}", f"{n}건", "selected" if n == 2 else "received") for n in range(1, 6))),
        Contents("차례"),
        PageBreak(),
        Heading(1, "기본 정보", "1"),
        Facts((Row("결정 시각", (Words("2022-01-28 18:00", sample=True, note="서울"), Words("둘째 값"))),)),
        Heading(2, "규칙", "1.1"),
        Bullets((Words("국가별 2건까지", note="제3조"), Words("평균은 최고와 최저를 뺀다", sample=True))),
        Paragraph("계산과 다릅니다.", "alert"),
        Paragraph("madang verify record.json", "code"),
        Heading(3, "그림", ""),
        Figure(SVG, "막대 다섯 개의 그림", "그림 1. 점수"),
        grid(rows),
        Heading(1, "넓은 표", "2"),
        grid(3, wide=True, title="기준별 점수"),
        Heading(1, "검증", "3"),
        Paragraph("끝입니다.", "note"),
    )


def paper(language: str = "ko", rows: int = 5) -> Paper:
    return Paper(
        "해외실증형 공모", "2021년", language, "표본 – 지어낸 자료입니다", parts(rows), kicker="결정 보고서",
        footer="뿌리 829c 518f", made="2022-01-28T18:00:00+09:00", sample_word="표본",
    )  # fmt: skip


def hostile() -> Paper:
    """Every harmful text in every place that takes one."""
    blocks: list[Block] = []
    for text in HOSTILE:
        blocks += [
            Heading(1, text, "1"), Paragraph(text), Facts((Row(text, (Words(text, True, text),)),)),
            Bullets((Words(text, True, text),)), Tiles((Tile(text, text, "money"),)), Figure(SVG, text, text),
            Grid(text, (Column(text, 1), Column(text, 2)), (Line((text, text)), Line((text,), "line")), text),
        ]  # fmt: skip
    text = " ".join(HOSTILE)
    return replace(paper(), title=text, subtitle=text, kicker=text, footer=text, sample_note=text, parts=tuple(blocks))
