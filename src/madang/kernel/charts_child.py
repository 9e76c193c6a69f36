"""The one process that loads the chart renderer (about 100 MB): JSON lines in, JSON lines out. Run by charts.py."""

import json
import sys

import vl_convert


def main() -> None:
    for line in sys.stdin:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line), vl_version="5.20", allowed_base_urls=[])}
        except Exception as error:  # whatever a spec provokes belongs into the answer, not into the end of the process
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
