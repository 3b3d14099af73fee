"""Results as a FHIR transaction.

Each entry is created only where none of its identifier is there yet, so a repeat makes no second report
(:mod:`secondread.report.fhir`). Source: FHIR R4 (4.0.1), RESTful API: transaction, conditional create, outcome.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx2

from secondread.report.named import named_fhir
from secondread.serve.config.room import Destination
from secondread.serve.sending.carriers.web import is_about_all, token_of
from secondread.serve.sending.errors import NotTakenError, UnreachableError
from secondread.serve.sending.parcel import Parcel, Receipt

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
KIND = "application/fhir+json"
_CODE = re.compile(r"[a-z-]{1,40}")  # Source: FHIR R4, value set issue-type; free text may name the patient


def deliver(parcel: Parcel, destination: Destination) -> Receipt:
    """Post the bundle and read the server's answer, entry by entry.

    Raises:
        NotTakenError: If the server refuses the bundle or one of its entries.
        UnreachableError: If it does not answer, is busy, or lets nobody in.
    """
    [file] = parcel.files
    headers = {"Content-Type": KIND, "Accept": KIND}
    if token := token_of(destination):
        headers["Authorization"] = f"Bearer {token}"
    bundle = file.read_text(encoding="utf-8")
    if parcel.patient is not None:
        bundle = named_fhir(bundle, parcel.patient)
    try:
        answer = httpx2.post(destination.url, content=bundle.encode(), headers=headers, timeout=TIMEOUT)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UnreachableError(
            f"the FHIR server does not answer ({type(error).__name__}). Check url and that it runs."
        ) from error
    if is_about_all(answer.status_code):
        raise UnreachableError(f"the FHIR server answered {answer.status_code}. Check url, token and its log.")
    content = _content(answer)
    if not answer.is_success:
        raise NotTakenError(f"the FHIR server answered {answer.status_code}{_issues(content)}; its log says more.")
    for number, entry in enumerate(_entries(content), 1):
        status = str(entry.get("response", {}).get("status", ""))
        if not status.startswith("2"):
            found = status[:3] if status[:3].isdecimal() else "no status"
            raise NotTakenError(
                f"the FHIR server answered {found} for entry {number}{_issues(entry['response'].get('outcome'))}; its "
                "log says more."
            )
    return Receipt({file: parcel.name})


def _content(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _entries(content: Any) -> Iterator[dict[str, Any]]:
    """The entries of the answer to a transaction; an answer of another kind comes from no FHIR server."""
    kinds = {"transaction-response", "batch-response"}
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle" or content.get("type") not in kinds:
        raise UnreachableError(
            "what answers at url answered no transaction-response. Needed the base URL of a FHIR server."
        )
    for entry in content.get("entry", []):
        known = isinstance(entry, dict) and isinstance(entry.get("response"), dict)
        yield entry if known else {"response": {}}


def _issues(content: Any) -> str:
    """The codes of an OperationOutcome."""
    if not isinstance(content, dict) or not isinstance(content.get("issue"), list):
        return ""
    codes = [str(issue.get("code", "")) for issue in content["issue"] if isinstance(issue, dict)]
    plain = [code for code in codes if _CODE.fullmatch(code)]
    return f" ({', '.join(dict.fromkeys(plain))})" if plain else ""
