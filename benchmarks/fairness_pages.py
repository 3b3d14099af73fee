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
from secondread.learn.page.blocks import Page
from secondread.learn.page.setting import write_page

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "evidence" / "fairness"
RULE = {"en": "largest sensitivity + specificity on validation", "ko": "검증에서 민감도 + 특이도가 가장 큰 값"}
# (bundle, question or "" for its outline, what a reader must know in both languages)
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
    """Write the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", action="append", default=[])
    args = parser.parse_args()
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in AUDITS:
        if not args.only or name in args.only:
            seen = assessed(shipped() / name, ROOT / "recipes" / f"{name}.toml", args.data)
            write(name, seen)
            print(name, flush=True)


def write(name: str, seen: Assessed) -> None:
    """Both languages of one audit, as HTML and PDF."""
    for language, page in pages(name, seen).items():
        for suffix in (".html", ".pdf"):
            write_page(page, PAGES / f"{name}.{language}{suffix}", tagged=False)  # the HTML has the tags


def pages(name: str, seen: Assessed) -> dict[str, Page]:
    """The page of an audit in each language."""
    question, sources = AUDITS[name]
    if not question:
        (found,) = outline_audits(seen)
        return {
            language: means_page(replace(found, values=replace(found.values, source=source)), language)
            for language, source in sources.items()
        }
    found = audit_of(seen, question)
    return {
        language: audit_page(
            replace(found, results=replace(found.results, source=source, rule=RULE[language])), language
        )
        for language, source in sources.items()
    }


def audit_of(seen: Assessed, question: str) -> Audit:
    """The audit of one question; test and validation together where test alone compares nothing."""
    columns = {split: columns_of(seen.trial.splits[split], seen.data_root) for split in ("train", "val", "test")}
    asked = next(one for one in seen.trial.recipe.questions if one.name == question)
    results = results_of(seen, asked, columns)
    found = audit(results)
    return found if found.spreads else audit(pooled(results))


if __name__ == "__main__":
    main()
