"""Charts: drawn once in a child process, safe for the page's policy, readable without colour."""

import re
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from madang.papers import charts
from madang.papers.charts_theme import PALETTES, SMALLEST_TEXT

COUNTS = {"VN": 9, "ID": 7, "SG": 3, "BR": 2, "SN": 1, "MV": 1, "BH": 2, "XA": 3, "IS": 0}
BARS = charts.bar_chart(
    [("A <b>", 57), ("B", 0)], title="Types & kinds", description="A leads.", second={"A <b>": 41, "B": 3}
)


def lightness(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("width", charts.WIDTHS)
def test_a_bar_chart_names_itself_and_carries_no_style(theme: str, width: str) -> None:
    svg = charts.draw(BARS, theme=theme, width=width)
    assert svg.startswith('<svg role="img"')
    assert "<title>Types &amp; kinds</title><desc>A leads.</desc>" in svg
    assert "style=" not in svg
    assert "<script" not in svg
    assert "<b>" not in svg
    assert all(float(size) >= SMALLEST_TEXT for size in re.findall(r'font-size="([\d.]+)px"', svg))
    assert float(re.search(r' width="([\d.]+)"', svg)[1]) <= charts.WIDTHS[width] + 10  # type: ignore[index]  # a match is there, or the line above failed


def test_the_map_shows_small_countries_and_says_which_it_cannot_show() -> None:
    chart = charts.world_map(COUNTS, title="Map", description="Where from.")
    svg = charts.draw(chart, theme="light", width="any")
    assert "<text" not in svg
    assert chart.left_out == ("XA",)
    assert [label for label, _ in chart.legend] == ["1", "2", "3", "7", "9"]
    circles = [
        part for part in charts.draw(chart, theme="light", width="any").split("<path") if "A4" in part or "A4.5" in part
    ]
    assert len(circles) >= 3  # Singapore, the Maldives, Bahrain


def test_the_map_cuts_nothing_off() -> None:
    svg = charts.draw(charts.world_map(COUNTS, title="Map", description="d"), theme="light", width="any")
    numbers = [[float(n) for n in pair] for pair in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", svg)]
    assert min(x for x, _ in numbers) >= -1
    assert max(x for x, _ in numbers) <= charts.MAP_WIDTH + 1
    assert min(y for _, y in numbers) >= -1
    assert max(y for _, y in numbers) <= charts.MAP_HEIGHT + 1


@pytest.mark.parametrize("palette", PALETTES.values())
def test_the_steps_of_a_map_differ_on_grey_paper(palette: Any) -> None:
    shades = [lightness(colour) for colour in palette.steps]
    shades = shades if shades[0] > shades[-1] else shades[::-1]
    for light, dark in pairwise(shades):
        assert (light + 0.05) / (dark + 0.05) > 1.35


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([], []),
        ([4, 4], [(4, 4)]),
        ([1, 2, 3, 4, 5], [(n, n) for n in range(1, 6)]),
        ([1, 2, 3, 4, 5, 9], [(1, 1), (2, 2), (3, 3), (4, 4), (5, 9)]),
    ],
)
def test_the_classes_of_a_map_cover_every_count(values: list[int], limits: list[tuple[int, int]]) -> None:
    assert charts._limits(values) == limits


def test_a_second_drawing_comes_from_the_cache(tmp_path: Path) -> None:
    first = charts.draw(BARS, theme="light", width="wide", cache=tmp_path)
    (file,) = tmp_path.iterdir()
    charts._child.stop()
    assert charts.draw(BARS, theme="light", width="wide", cache=tmp_path) == first
    assert charts._child._process is None  # nothing was started for it
    assert re.fullmatch(r"[0-9a-f]{64}\.svg", file.name)


def test_a_dead_renderer_is_replaced() -> None:
    charts.draw(BARS, theme="light", width="wide")
    process = charts._child._process
    assert process
    process.kill()
    process.wait()
    assert charts.draw(BARS, theme="high-contrast", width="wide")


def test_a_renderer_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "TIME_LIMIT_S", 0.0)
    with pytest.raises(charts.ChartError):
        charts.draw(BARS, theme="light", width="wide")


def test_nothing_is_loaded_from_elsewhere() -> None:
    for address in ("http://127.0.0.1:9/data.json", "file:///etc/hostname", "/etc/hostname"):
        spec = {"data": {"url": address, "format": {"type": "csv"}}, "mark": "point", "encoding": {}}
        with pytest.raises(charts.ChartError):
            charts.svg(spec, theme="light")


def test_a_drawing_becomes_pixels_for_documents() -> None:
    pixels = charts.png(charts.draw(BARS, theme="light", width="wide"), scale=2)
    width, _ = struct.unpack(">II", pixels[16:24])
    assert pixels.startswith(b"\x89PNG")
    assert width >= 2 * 600


def test_countries_are_named_in_both_languages() -> None:
    known = charts.countries()
    assert len(known) == 249
    assert known["SG"]["ko"] == "싱가포르"
    assert not known["SG"]["drawn"]
    assert all(
        row["numeric"].isdigit() and len(row["numeric"]) == 3 and row["en"] and row["ko"] for row in known.values()
    )
