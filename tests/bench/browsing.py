"""The second verifier in a browser against `madang verify`, on the same record in the same run."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench import material
from tests.bench.measure import MADANG, Spread, Times, run, table, verdict

LIMIT_S = 5
_SCRIPT = Path(__file__).parents[2] / "src/madang/web/static/verify/madang-verify.js"
_CHECK = """async input => {
  const started = performance.now();
  const result = MadangVerify.verifyRecord(await input.files[0].text());
  return [(performance.now() - started) / 1000, result.exit_code];
}"""


def browser(repeats: int, quick: bool, home: Path) -> str:
    """Seconds from the chosen file to the findings, in turn with the command; the page is opened anew each round."""
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for size in (111, 1_000 if quick else 5_000):
            folder = material.folder(home / f"{size}-csv", size, minimums=False, kind="csv")
            out = home / f"{size}-csv-out"
            run((*MADANG, "decide", str(folder), "--out", str(out), "--replace"), home)
            record, command, here = out / "record.json", [], []
            for _ in range(min(repeats, 3) + 1):
                command.append(run((*MADANG, "verify", str(record)), home))
                page = chromium.new_page()
                page.set_content('<input type="file">')
                page.add_script_tag(path=_SCRIPT)
                page.set_input_files("input", record)
                seconds, code = page.locator("input").evaluate(_CHECK)
                if code != 0:
                    raise RuntimeError(f"the browser's verifier says {code}")
                here.append(seconds)
                page.close()
            first, second = Times(*zip(*command[1:], strict=True)), Spread.of(here[1:])
            found = Spread.of([one / other for one, other in zip(here[1:], first.wall, strict=True)])
            megabytes = f"{record.stat().st_size / 1e6:.1f}"
            said = verdict(second, LIMIT_S, at_most=False)
            rows.append((f"{size:,}", megabytes, first.seconds(), second.shown(3), found.shown(), said))
        version = chromium.version
        chromium.close()
    head = ("× 7 × 6", "record (MB)", "madang verify (s)", "browser (s)", "ratio", f"under {LIMIT_S} s")
    return f"{table(head, rows)}\n\n- Chromium {version}."
