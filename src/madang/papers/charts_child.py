"""The one process that loads the chart renderer (about 100 MB): JSON lines in, JSON lines out. Run by charts.py."""

import base64
import json
import sys
from importlib.resources import files
from typing import Any

import vl_convert


def main() -> None:
    vl_convert.register_font_directory(str(files("madang.papers") / "vendor" / "pretendard-gov"))
    for line in sys.stdin:
        try:
            answer = {"drawn": _drawn(json.loads(line))}
        except Exception as error:  # whatever a spec provokes belongs into the answer, not into the end of the process
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _drawn(question: dict[str, Any]) -> str:
    """`{"spec": Vega-Lite}` as SVG, or `{"svg": text, "scale": n}` as PNG in base 64."""
    if "spec" in question:
        return vl_convert.vegalite_to_svg(question["spec"], vl_version="5.20", allowed_base_urls=[])
    return base64.b64encode(vl_convert.svg_to_png(question["svg"], scale=question["scale"])).decode()


if __name__ == "__main__":
    main()
