"""Write docs/evidence/fairness/: audits of shipped bundles by sex, age, view, device and site, in English and Korean.

python benchmarks/fairness_pages.py [--data ../shared/data] [--only NAME]...
"""

import argparse
from dataclasses import replace
from pathlib import Path

from secondread.audit.assessed import Assessed, assessed
from secondread.audit.fairness.audit import audit
from secondread.audit.fairness.audited import outline_audits, pooled, results_of
from secondread.audit.fairness.columns import columns_of
from secondread.audit.fairness.means_page import means_page
from secondread.audit.fairness.page import audit_page
from secondread.audit.fairness.results import Audit
from secondread.engine.bundle import shipped
from secondread.learn.page.blocks import Page, Section, Words
from secondread.learn.page.setting import write_page

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "evidence" / "fairness"
TITLES = {"en": "Fairness audits of shipped bundles", "ko": "함께 배포하는 번들의 공정성 감사"}
RULE = {"en": "largest sensitivity + specificity on validation", "ko": "검증에서 민감도 + 특이도가 가장 큰 값"}
COLUMNS = {"chest-xray-findings": ("sex", "age", "view"), "breast-ultrasound": ("device", "birads")}  # others: all
# bundle: question or "" for its outline, and what a reader must know, in both languages
AUDITS = {
    "chest-xray-findings": (
        "pneumonia",
        {
            "en": "NIH ChestX-ray14, test split. Native resolution goes with the disease: all pneumonia is of 1024 px",
            "ko": "NIH ChestX-ray14, 시험 분할. 원본 해상도가 질환과 함께 갑니다: 폐렴은 모두 1024 px입니다",
        },
    ),
    "breast-ultrasound": ("malignant", {"en": "BUS-BRA, test split", "ko": "BUS-BRA, 시험 분할"}),
    "dementia": (
        "dementia",
        {
            "en": "OASIS-1, test and validation splits together: test alone has no two groups that are large enough. "
            "The threshold was chosen on validation, so figures are a little too good",
            "ko": "OASIS-1, 시험과 검증 분할을 합침: 시험만으로는 충분히 큰 집단이 둘이 되지 않습니다. "
            "문턱값을 검증에서 골랐으므로 수치가 조금 좋게 나옵니다",
        },
    ),
    "brain-tumour": (
        "",
        {
            "en": "TCGA-LGG, test split, Dice by patient. Race is coded as in the source table, without a key",
            "ko": "TCGA-LGG, 시험 분할, 환자별 Dice. 인종은 원본 표의 부호 그대로이며 풀이가 없습니다",
        },
    ),
}


def main() -> None:
    """Write the pages: HTML of each, and one PDF of all in each language, which then needs its letters only once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    args = parser.parse_args()
    found = {}
    for name in AUDITS:
        seen = assessed(shipped() / name, ROOT / "recipes" / f"{name}.toml", args.data)
        found[name] = pages(name, seen)
        print(name, flush=True)
    write(found)


def write(found: dict[str, dict[str, Page]]) -> None:
    """HTML of each audit, PDF of all."""
    for name, languages in found.items():
        for language, page in languages.items():
            write_page(page, PAGES / f"{name}.{language}.html")
    for language, title in TITLES.items():
        every = [languages[language] for languages in found.values()]
        sections = [part for page in every for part in (heading(page), *page.sections)]
        whole = replace(every[0], title=title, subtitle="", sections=tuple(sections))
        write_page(whole, PAGES / f"fairness.{language}.pdf", tagged=False)  # a quarter as large; the HTML has the tags


def heading(page: Page) -> Section:
    """Where one audit begins among several."""
    return Section(page.title, (Words((page.subtitle,)),))


def pages(name: str, seen: Assessed) -> dict[str, Page]:
    """The page of an audit in each language."""
    question, sources = AUDITS[name]
    if not question:
        (found,) = outline_audits(seen)
        return {
            language: means_page(replace(found, values=replace(found.values, source=source)), language)
            for language, source in sources.items()
        }
    audit = audit_of(seen, question)
    return {
        language: audit_page(
            replace(audit, results=replace(audit.results, source=source, rule=RULE[language])), language
        )
        for language, source in sources.items()
    }


def audit_of(seen: Assessed, question: str) -> Audit:
    """The audit of one question; test and validation together where test alone compares nothing."""
    columns = {split: columns_of(seen.trial.splits[split], seen.data_root) for split in ("train", "val", "test")}
    asked = next(one for one in seen.trial.recipe.questions if one.name == question)
    wanted = COLUMNS.get(seen.bundle.card.name)
    if wanted is not None:
        columns = {split: {name: found[name] for name in wanted} for split, found in columns.items()}
    results = results_of(seen, asked, columns)
    found = audit(results)
    return found if found.spreads else audit(pooled(results))


if __name__ == "__main__":
    main()
