"""Charts and maps: a Vega-Lite 5 spec in, one SVG without script and without `style=` out.

Rendering happens in one child process and is kept, where the caller names a folder, by what is drawn: a page then costs
a file read. Colours are not in a spec: it names `{"theme": "mark"}` and the theme puts the colour of the reader's mode
there. Every chart carries its title and description, and belongs beside a table with the same numbers. Screens and
printed papers draw with the same functions.
"""

import atexit
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from madang.papers.charts_theme import PALETTES, Palette, config

Spec = dict[str, Any]

RENDERER: Final = "vl-convert 1.9, vega-lite 5.20, madang 3"  # part of the cache key: raise it when drawings change
TIME_LIMIT_S: Final = 30.0
WIDTHS: Final = {"narrow": 280, "middle": 440, "wide": 640}  # px; from the narrowest phone to a desktop's full card
MAP_WIDTH, MAP_HEIGHT = 720, 350


class ChartError(Exception):
    """The spec could not be drawn; the message is the renderer's."""


@dataclass(frozen=True)
class Chart:
    """Something to draw: a title, the same in words, and its spec for each width (or for "any").

    `legend` has (label, step of the palette) for a picture that carries no text itself; `left_out` names what the
    picture cannot show (a country without a place on the map) and the table must.
    """

    title: str
    description: str
    specs: Mapping[str, Spec]
    legend: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()


# --- What can be drawn ------------------------------------------------------------------------------------------------


def bar_chart(
    bars: Sequence[tuple[str, int]],
    *,
    title: str,
    description: str,
    unit: str = "",
    second: Mapping[str, int] | None = None,
    names: tuple[str, str] = ("", ""),
) -> Chart:
    """Lying bars, one per (label, value) in the given order, each with its number at its end.

    `second` gives every label a second bar (last year, say); `names` then name the two series, in words at the bars
    and not by colour alone. Values are whole numbers, zero or more.
    """
    rows = []
    for label, value in bars:
        rows.append({"label": label, "series": 0, "value": value, "text": _bar_text(value, unit, names[0])})
        if second is not None:
            other = second[label]
            rows.append({"label": label, "series": 1, "value": other, "text": _bar_text(other, unit, names[1])})
    return Chart(title, description, {name: _bars(rows, width) for name, width in WIDTHS.items()})


def _bar_text(value: int, unit: str, name: str) -> str:
    return f"{value:,}{unit}" + (f" · {name}" if name else "")


def _bars(rows: list[dict[str, Any]], width: int) -> Spec:
    top = max((row["value"] for row in rows), default=0) or 1
    longest = max((len(row["text"]) for row in rows), default=1)
    per_label = 1 + max((row["series"] for row in rows), default=0)
    beside = width >= WIDTHS["wide"]  # a phone has no room for labels beside the bars: they stand above them
    step = per_label * 26 + (16 if beside else 40)
    plot = width - (150 if beside else 0)
    room = top * plot / max(plot - longest * 9 - 12, plot / 3)  # so that the number at the longest bar stays inside
    y: Spec = {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": {"minExtent": 134}}
    offset: Spec = {"field": "series", "type": "ordinal", "sort": None, "scale": {"paddingInner": 0.15}}
    if not beside:
        y["axis"] = None
        y["scale"] = {"paddingInner": 0.42, "paddingOuter": 0.12}
    else:
        y["scale"] = {"paddingInner": 0.32, "paddingOuter": 0.1}
    x: Spec = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, room]}}
    bar: Spec = {
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "x": x,
            "color": {
                "field": "series",
                "type": "ordinal",
                "legend": None,
                "scale": {"domain": [0, 1], "range": [{"theme": "mark"}, {"theme": "second"}]},
            },
        },
    }
    number: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold"},
        "encoding": {"x": x, "text": {"field": "text"}},
    }
    layers = [bar, number]
    if not beside:
        label: Spec = {
            "transform": [{"filter": "datum.series == 0"}],
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -round(step * 0.29) - 6},
            "encoding": {"x": {"value": 0}, "text": {"field": "label"}},
        }
        layers.append(label)
    shared: Spec = {"y": y}
    if per_label > 1:
        for layer in (bar, number):
            layer["encoding"]["yOffset"] = offset
    return {
        "width": plot,
        "height": {"step": step, "for": "position"},
        "autosize": {"type": "pad", "contains": "content"},
        "padding": {"left": 0, "right": 4, "top": 4 if beside else 26, "bottom": 0},
        "data": {"values": rows},
        "encoding": shared,
        "layer": layers,
    }


def world_map(counts: Mapping[str, int], *, title: str, description: str, unit: str = "") -> Chart:
    """How many per country, by ISO alpha-2 code, on an equal-area map centred on the Pacific; no text on the map.

    Countries too small for these shapes are circles. Codes without a place (unknown, or invented ones as XA) come
    back in `left_out`. Source of the shapes: Natural Earth 1:110m, without Antarctica.
    """
    places = countries()
    known = {code: count for code, count in counts.items() if count > 0 and code in places}
    limits = _limits(known.values())
    drawn = [_place(places[code], count, limits) for code, count in known.items() if places[code]["drawn"]]
    small = [
        _place(places[code], count, limits)
        for code, count in known.items()
        if not places[code]["drawn"] and "lon" in places[code]
    ]
    shown = {row["alpha2"] for row in drawn + small}
    scale = {"domain": list(range(len(limits))), "range": [{"theme": f"step-{step}"} for step in _steps(limits)]}
    colour: Spec = {"field": "step", "type": "ordinal", "legend": None, "scale": scale}
    border: Spec = {"stroke": {"theme": "border"}, "strokeWidth": 0.6}
    shapes: Spec = {
        "data": {"values": _world(), "format": {"type": "topojson", "feature": "countries"}},
        "transform": [{"filter": "datum.id != '010'"}],  # Antarctica
    }
    spec: Spec = {
        "width": MAP_WIDTH,
        "height": MAP_HEIGHT,
        "autosize": {"type": "none"},
        "projection": {"type": "equalEarth", "rotate": [-150, 0, 0], "precision": 0.4},
        "layer": [
            shapes | {"mark": {"type": "geoshape", "fill": {"theme": "empty"}, **border}},
            shapes
            | {
                "transform": [
                    *shapes["transform"],
                    {"lookup": "id", "from": {"data": {"values": drawn}, "key": "numeric", "fields": ["step"]}},
                    {"filter": "isValid(datum.step)"},
                ],
                "mark": {"type": "geoshape", **border},
                "encoding": {"color": colour},
            },
            {
                "data": {"values": small},
                "mark": {"type": "circle", "opacity": 1, "size": 64, "stroke": {"theme": "text"}, "strokeWidth": 1},
                "encoding": {
                    "longitude": {"field": "lon", "type": "quantitative"},
                    "latitude": {"field": "lat", "type": "quantitative"},
                    "color": colour,
                },
            },
        ],
    }
    labels = tuple((_range(limits, n) + unit, step) for n, step in enumerate(_steps(limits)))
    left_out = tuple(code for code in counts if counts[code] > 0 and code not in shown)
    return Chart(title, description, {"any": spec}, legend=labels, left_out=left_out)


def _limits(values: Any) -> list[tuple[int, int]]:
    """Up to five classes (from, to) over whole numbers, none empty; single numbers when there are few."""
    different = sorted(set(values))
    if len(different) <= 5:
        return [(value, value) for value in different]
    cuts = [different[len(different) * n // 5] for n in range(5)]
    ends = [different[different.index(cut) - 1] for cut in cuts[1:]] + [different[-1]]
    return list(zip(cuts, ends, strict=True))


def _steps(limits: list[tuple[int, int]]) -> list[int]:
    """Which of the palette's five steps the classes take: spread out, so that few classes stay far apart."""
    spread = {0: [], 1: [2], 2: [1, 3], 3: [0, 2, 4], 4: [0, 1, 2, 4], 5: [0, 1, 2, 3, 4]}
    return spread[len(limits)]


def _range(limits: list[tuple[int, int]], n: int) -> str:
    low, high = limits[n]
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _place(country: dict[str, Any], count: int, limits: list[tuple[int, int]]) -> dict[str, Any]:
    step = next(n for n, (low, high) in enumerate(limits) if low <= count <= high)
    return {key: country[key] for key in ("alpha2", "numeric", "lon", "lat") if key in country} | {"step": step}


@cache
def countries() -> dict[str, dict[str, Any]]:
    """By alpha-2 code: numeric code, names in both languages, a point, and whether the small-scale map draws it."""
    rows = json.loads((files("madang.papers") / "data" / "countries.json").read_text(encoding="utf-8"))
    return {row["alpha2"]: row for row in rows}


@cache
def _world() -> Spec:
    path = files("madang.papers") / "vendor" / "map" / "countries-110m.json"
    topology: Spec = json.loads(path.read_text(encoding="utf-8"))
    return topology


# --- Drawing it -------------------------------------------------------------------------------------------------------


def draw(chart: Chart, *, theme: str, width: str, cache: Path | None = None) -> str:
    """The SVG of a chart for a mode and one of its widths, with title and description, ready to stand in a page."""
    spec = chart.specs[width] | {"usermeta": {"title": chart.title, "description": chart.description}}
    return svg(spec, theme=theme, cache=cache)


def svg(spec: Spec, *, theme: str, cache: Path | None = None) -> str:
    """Draw a Vega-Lite 5 spec for "light" or "high-contrast"; `usermeta` may carry `title` and `description`.

    Drawings are kept in the folder `cache`, where one is given. No data is ever loaded from elsewhere.
    Errors: ChartError. Cost: 70-200 ms (a second more for the first of a process), or a file read.
    """
    meta = spec.get("usermeta", {})
    if _names_an_address(spec):
        raise ChartError("a chart's data must stand in its spec: no url")
    drawn = {key: value for key, value in spec.items() if key != "usermeta"}
    palette = PALETTES[theme]
    full = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": config(palette)} | _coloured(
        drawn, palette
    )
    text = json.dumps(full, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    key = hashlib.sha256(f"{RENDERER}\n{theme}\n{text}".encode()).hexdigest()
    path = cache / f"{key}.svg" if cache else None
    picture = _kept(path) or _slim(_child.draw(text), key[:8])
    if path and not path.exists():
        _keep(path, picture)
    return _described(picture, meta.get("title", ""), meta.get("description", ""))


def png(picture: str, *, scale: float = 3.0) -> bytes:
    """A drawing as pixels, for documents that take no SVG; `scale` pixels for each of its own. Errors: ChartError."""
    return _child.pixels(picture, scale)


def _names_an_address(part: Any) -> bool:
    """Whether the spec asks for anything to be loaded; the renderer is told to refuse it as well."""
    if isinstance(part, dict):
        return "url" in part or any(map(_names_an_address, part.values()))
    return isinstance(part, list) and any(map(_names_an_address, part))


def _coloured(part: Any, palette: Palette) -> Any:
    """The spec with every {"theme": name} replaced by the palette's colour."""
    if isinstance(part, dict):
        if part.keys() == {"theme"}:
            name = part["theme"]
            return palette.steps[int(name[-1])] if name.startswith("step-") else getattr(palette, name)
        if part.get("type") == "Topology":
            return part  # a hundred kilobytes of numbers, no colours
        return {key: _coloured(value, palette) for key, value in part.items()}
    return [_coloured(item, palette) for item in part] if isinstance(part, list) else part


_LONG_NUMBER = re.compile(r"(\d+\.\d)\d+")
_PATH = re.compile(r' d="[^"]*"')
_UNWANTED = re.compile(r' (?:style|class|role|aria-[a-z]+|pointer-events)="[^"]*"')
_CLIP = re.compile(r"\bclip(\d+)\b")


def _slim(picture: str, name: str) -> str:
    """Without `style=` (the page's policy forbids it) and Vega's classes and roles (the picture is one image), with
    tenths of a pixel (nobody sees past them) and ids that no other drawing of the page has."""
    plain = _UNWANTED.sub("", picture)
    numbers = {found: str(n) for n, found in enumerate(dict.fromkeys(_CLIP.findall(plain)))}
    named = _CLIP.sub(lambda found: f"clip-{name}-{numbers[found[1]]}", plain)
    return _PATH.sub(lambda found: _LONG_NUMBER.sub(r"\1", found[0]), named)


def _described(picture: str, title: str, description: str) -> str:
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>" if title else ""
    return re.sub(r"<svg ([^>]*)>", lambda found: f'<svg role="img" {found[1]}>{words}', picture, count=1)


def _kept(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8") if path else ""
    except FileNotFoundError:
        return ""


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)  # a reader sees a whole drawing or none


class _Child:
    """The rendering process: started when first needed, asked one spec at a time, replaced when it dies or hangs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def draw(self, spec: str) -> str:
        return self._answer(f'{{"spec":{spec}}}')

    def pixels(self, picture: str, scale: float) -> bytes:
        return base64.b64decode(self._answer(json.dumps({"svg": picture, "scale": scale})))

    def _answer(self, question: str) -> str:
        with self._lock:
            line = self._ask(question) or self._ask(question)  # once more with a fresh process
        if not line:
            raise ChartError(f"the renderer gave no answer within {TIME_LIMIT_S:g} s, twice")
        answer = json.loads(line)
        if "error" in answer:
            raise ChartError(answer["error"])
        return str(answer["drawn"])

    def _ask(self, question: str) -> str:
        """The answer's line; empty when the process died or was too slow (it is gone then)."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        alarm = threading.Timer(TIME_LIMIT_S, process.kill)
        alarm.start()
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            self.stop()
        return line

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None or self._owner != os.getpid():
            self._owner = os.getpid()  # after a fork the pipes are the parent's
            self._process = subprocess.Popen(
                [sys.executable, "-m", "madang.papers.charts_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        return self._process

    def stop(self) -> None:
        process, self._process = self._process, None
        if process and self._owner == os.getpid():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not yet written has nobody to read it
                    if pipe:
                        pipe.close()


_child = _Child()
atexit.register(_child.stop)
