"""Maintainers only: boil public tables down to src/madang/papers/data/countries.json.

Usage: build_countries.py COUNTRY_CODES.csv COUNTRIES_10M.json
The first is datahub's country-codes (PDDL), the second world-atlas' 1:10m shapes (Natural Earth, public domain).
Names are CLDR's, through Babel. A country's point is the centre of its largest piece, for countries that small-scale
maps leave out.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

from babel import Locale

ROOT = Path(__file__).resolve().parent.parent / "src" / "madang"
Point = tuple[float, float]


def rings(topology: dict[str, Any], geometry: dict[str, Any]) -> list[list[Point]]:
    """The outer rings of a country in degrees."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]

    def line(index: int) -> list[Point]:
        x = y = 0
        points = []
        for step in topology["arcs"][~index if index < 0 else index]:
            x, y = x + step[0], y + step[1]
            points.append((x * kx + dx, y * ky + dy))
        return points[::-1] if index < 0 else points

    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry.get("arcs", [])
    return [[point for index in polygon[0] for point in line(index)] for polygon in polygons]


def centre(ring: list[Point]) -> tuple[float, Point]:
    """Area and centroid of a ring, by the shoelace formula."""
    area = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = ax * by - bx * ay
        area, x, y = area + cross / 2, x + (ax + bx) * cross / 6, y + (ay + by) * cross / 6
    return abs(area), ((x / area, y / area) if area else ring[0])


def main(codes: str, shapes: str) -> None:
    topology = json.loads(Path(shapes).read_text())
    points: dict[str, tuple[float, Point]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        if found := [centre(ring) for ring in rings(topology, geometry)]:
            points[geometry.get("id", "")] = max(
                [*found, *([points[geometry["id"]]] if geometry.get("id") in points else [])]
            )
    small_scale = json.loads((ROOT / "papers/vendor/map/countries-110m.json").read_text())
    drawn = {geometry.get("id") for geometry in small_scale["objects"]["countries"]["geometries"]}

    english, korean = Locale("en").territories, Locale("ko").territories
    rows = []
    with open(codes, encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            alpha2, numeric = line["ISO3166-1-Alpha-2"].strip(), line["ISO3166-1-numeric"].strip().zfill(3)
            if len(alpha2) != 2 or not int(numeric or 0):
                continue
            row = {"alpha2": alpha2, "numeric": numeric, "en": english[alpha2], "ko": korean[alpha2]}
            if numeric in points:
                lon, lat = points[numeric][1]
                row |= {"lon": round(lon, 2), "lat": round(lat, 2)}
            rows.append(row | {"drawn": numeric in drawn})
    rows.sort(key=lambda row: row["alpha2"])
    target = ROOT / "papers/data/countries.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n", encoding="utf-8"
    )
    print(f"{len(rows)} countries, {sum('lon' not in row for row in rows)} without a point")


if __name__ == "__main__":
    main(*sys.argv[1:])
