"""``/login`` and ``/logout``."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Row, select, update
from starlette.datastructures import FormData

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import users
from secondread.serve.pages.render import page
from secondread.serve.people import sessions
from secondread.serve.people.attempts import (
    account_may_try,
    account_succeeded,
    address_failed,
    address_is_told_on,
    address_may_try,
)
from secondread.serve.people.browser import address_of, check_origin, field, own_path, small_form
from secondread.serve.people.passwords import verify
from secondread.serve.people.person import Person, permit, person_of, room_of
from secondread.serve.people.rights import Right
from secondread.serve.room import Room
from secondread.serve.trail.record import record

router = APIRouter()


@router.get("/login")
def log_in_page(request: Request) -> Response:
    """The form, or straight on for who is logged in."""
    wanted = own_path(request.query_params.get("next"))
    if person_of(request) is not None:
        return RedirectResponse(wanted, 303)
    return form_page(request, wanted)


@router.post("/login")
def log_in(request: Request, form: Annotated[FormData, Depends(small_form)]) -> Response:
    """Check name and password; who has to wait is told so, and nobody is told which of the two was wrong."""
    room, wanted = room_of(request), own_path(field(form, "next"))
    check_origin(room, request)
    name, password = field(form, "name").strip().lower()[:128], field(form, "password")
    found, known, reason = _checked(room, name, password, address_of(request))
    if reason == "waiting":
        return form_page(request, wanted, problem="address")
    if found is None:
        shown = name if known else ""  # a password typed in the wrong field must not stand in the trail
        record(
            room, actor=shown or "unknown", action="log-in", address=address_of(request), outcome="failure",
            detail={"why": reason},
        )  # fmt: skip
        return form_page(request, wanted, problem=reason)
    answer = RedirectResponse("/account" if found.must_change_password else wanted, 303)
    sessions.begin(request, answer, found.id)
    record(room, actor=name, action="log-in", address=address_of(request))
    return answer


@router.post("/logout")
def log_out(
    request: Request,
    person: Annotated[Person, Depends(permit(Right.SEE, sessions_only=True, password_may_be_due=True))],
) -> Response:
    """End the session."""
    with reading(room_of(request).database) as connection:
        elsewhere = connection.execute(select(users.c.oidc_subject).where(users.c.id == person.id)).scalar()
    answer = RedirectResponse("/login?left=sso" if elsewhere else "/login", 303)
    sessions.end(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache"'  # pictures of patients may lie there: W3C Clear Site Data
    record(room_of(request), actor=person.name, action="log-out", address=address_of(request))
    return answer


def form_page(request: Request, wanted: str, problem: str = "") -> Response:
    """The form. Whoever guesses is not told that an account is locked: that would tell that it exists."""
    problem = "password" if problem == "locked" else problem
    status = {"": 200, "address": 429, "no-role": 403, "sign-on": 502}.get(problem, 401)
    single_sign_on = bool(room_of(request).settings.access.oidc_issuer)
    left = single_sign_on and request.query_params.get("left") == "sso"
    values = {"next": wanted, "problem": problem, "single_sign_on": single_sign_on, "left": left}
    return page(request, "people_log_in.html", None, values, status=status)


def _checked(room: Room, name: str, password: str, address: str) -> tuple[Row[Any] | None, bool, str]:
    """The person with this name and password, whether the name is known, and what was wrong."""
    with writing(room.database) as connection:
        if not address_may_try(connection, room, address):
            return None, False, "address" if address_is_told_on(connection, room, address) else "waiting"
        found = connection.execute(select(users).where(users.c.name == name)).one_or_none()
        usable = found is not None and not found.disabled and bool(found.password_hash)
        admitted = usable and found is not None and account_may_try(connection, room, found.id)
    checked = verify(password, found.password_hash if admitted and found is not None else "")
    with writing(room.database) as connection:
        if found is None or not checked.right:
            address_failed(connection, room, address)
            return None, found is not None, "locked" if usable and not admitted else "password"
        account_succeeded(connection, found.id)
        values = {"last_login_at": room.now(), **({"password_hash": checked.renewed} if checked.renewed else {})}
        connection.execute(update(users).where(users.c.id == found.id).values(**values))
    return found, True, ""
