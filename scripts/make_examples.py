"""Writes `examples/*-sample/`: each shipped programme with invented applicants, ready to decide.

The definition is the programme's own but for its id and its title, which says that it is a sample; `sample: true` in
`folder.yaml` lets the invented countries (XA to XZ) in. A call with sisters gets a list of applicants of one of them.
Run again after a change of a programme: `python scripts/make_examples.py`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from madang.core.callspec import Definition, parse
from madang.core.deciding.case import Case, SisterApplication
from madang.papers.samples import sample_case, sample_roster, write_folder
from madang.papers.samples.common import named

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
#: programme -> how many applications, and when the sample was decided
SAMPLES = {
    "kcity-network-2021": (36, "2021-06-18 15:00"),
    "small-cities-2022": (44, "2022-02-04 15:00"),
    "alliance-membership-2019": (28, "2019-12-11 15:00"),
    "service-certification-2023": (10, "2023-10-27 15:00"),
    "kcity-plans-2024": (20, "2024-06-21 15:00"),
    "regional-base-2022": (12, "2022-03-04 15:00"),
    "public-private-2022": (24, "2022-02-28 15:00"),
    "living-lab-2022": (14, "2022-03-14 15:00"),
    "supporting-institutions-2019": (10, "2019-03-25 15:00"),
    "city-certification-2023": (12, "2023-08-25 15:00"),
    "product-quality-certification-2023": (12, "2023-07-03 15:00"),
    "regulatory-sandbox-2020": (12, "2020-07-31 15:00"),
    "overseas-centres-2020": (12, "2020-08-31 15:00"),
}
#: model calls that are invented as a whole: their definition stands in the folder itself
MODELS = {
    "solution-spread-sample": (48, "2025-04-18 15:00"),
    "idea-fund-sample": (40, "2025-07-11 15:00"),
    "idea-reading-sample": (40, "2025-10-17 15:00"),
}
APPLIED_TWICE = 5
"""Which application of a call with sisters comes from somebody who also applied in the first of them."""
NOTE = {
    "en": "Sample material: every applicant, country, amount, score and vote in this folder is invented.",
    "ko": "예시 자료입니다. 이 폴더의 신청기관·국가·금액·점수·투표는 모두 지어낸 것입니다.",
}


def sample_definition(text: str) -> str:
    """The programme's text under an id and title of its own, over invented countries."""
    text = re.sub(r"^id: (\S+)$", r"id: \1-sample", text, count=1, flags=re.MULTILINE)
    title = re.search(r"^title:\n  en: (.*)\n  ko: (.*)\n", text, flags=re.MULTILINE)
    assert title, "a programme's title stands on two lines"
    return text.replace(title.group(0), f"title:\n  en: {title[1]} (sample)\n  ko: {title[2]} (예시)\n")


def applicants_of_a_sister(definition: Definition, case: Case) -> Iterator[SisterApplication]:
    """The list of applicants that the first sister call hands over: two strangers, and one who applied here as well."""
    if definition.sisters is None:
        return
    call = definition.sisters.calls[0]
    twice = case.applications[APPLIED_TWICE - 1]
    yield SisterApplication(call, named("city", 81, 2), "sample-city-81")
    yield SisterApplication(call, twice.applicant, twice.organisation)
    yield SisterApplication(call, named("city", 82, 2), "sample-city-82")


def main() -> None:
    for programme, (applications, decided_at) in SAMPLES.items():
        text = sample_definition((ROOT / "programmes" / f"{programme}.yaml").read_text("utf-8"))
        write(f"{programme}-sample", text, applications, decided_at)
    for name, (applications, decided_at) in MODELS.items():
        write(name, (ROOT / "examples" / name / "call.yaml").read_text("utf-8"), applications, decided_at)


def write(name: str, text: str, applications: int, decided_at: str) -> None:
    """The folder anew, nothing of an earlier one left in it."""
    folder = ROOT / "examples" / name
    shutil.rmtree(folder, ignore_errors=True)
    definition = parse(text)
    case = sample_case(definition, seed=SEED, applications=applications)
    if sisters := tuple(applicants_of_a_sister(definition, case)):
        case = sample_case(definition, seed=SEED, applications=applications, sisters=sisters)
    roster = sample_roster(definition, case, seed=SEED)
    write_folder(text, case, folder, kind="csv", note=NOTE, decided_at=decided_at, roster=roster)
    print(folder.relative_to(ROOT))


if __name__ == "__main__":
    main()
