"""Maintainers only: draw src/madang/web/static/img/world.svg from the world map that the papers use.

Usage: make_world.py
Plate carrée: one unit is one degree, so a point of the picture is a point of the earth. Antarctica is left out.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "src" / "madang"
ANTARCTICA = "010"


def lines(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Every arc in degrees, south positive, as SVG counts."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append((round(x * kx + dx, 1), round(-(y * ky + dy), 1)))
        found.append(points)
    return found


def path(rings: list[list[int]], arcs: list[list[tuple[float, float]]]) -> str:
    """A polygon with its holes. One that crosses the 180th meridian is drawn at both edges of the picture."""
    parts = []
    for ring in rings:
        points: list[tuple[float, float]] = []
        for index in ring:
            arc = arcs[~index][::-1] if index < 0 else arcs[index]
            points += arc[1:] if points else arc
        whole = unwound(points)
        for shift in (0, 360, -360):
            if any(-180 <= x + shift <= 180 for x, _ in whole) and (shift == 0 or any(abs(x) > 181 for x, _ in whole)):
                shifted = dict.fromkeys((round(x + shift, 1), y) for x, y in whole)
                parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in shifted) + "z")
    return "".join(parts)


def unwound(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same ring without a jump from one edge to the other."""
    found, turn = [points[0]], 0
    for (before, _), (x, y) in pairwise(points):
        turn += -360 if x - before > 180 else 360 if before - x > 180 else 0
        found.append((x + turn, y))
    return found


def main() -> None:
    topology = json.loads((ROOT / "papers/vendor/map/countries-110m.json").read_text())
    arcs, countries = lines(topology), []
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("id") == ANTARCTICA:
            continue
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry.get("arcs", [])
        countries.append("".join(path(rings, arcs) for rings in polygons))
    target = ROOT / "web/static/img/world.svg"
    target.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180"><g id="land">'
        + "".join(f'<path vector-effect="non-scaling-stroke" d="{country}"/>' for country in countries)
        + "</g></svg>\n"
    )
    print(f"{len(countries)} countries, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
