"""``/account``: what a person may change about themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import users
from secondread.serve.pages.render import page
from secondread.serve.people import sessions, tokens
from secondread.serve.people.accounts import AccountError, change_password, set_preferences
from secondread.serve.people.browser import address_of, field, small_form
from secondread.serve.people.passwords import PasswordError
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import Actor

router = APIRouter()
Own = Annotated[Person, Depends(permit(Right.SEE, sessions_only=True))]
OwnOrDue = Annotated[Person, Depends(permit(Right.SEE, sessions_only=True, password_may_be_due=True))]
Form = Annotated[FormData, Depends(small_form)]


@router.get("/account")
def account(request: Request, person: OwnOrDue) -> Response:
    """The page."""
    return _page(request, person)


@router.post("/account/password")
def new_password(request: Request, person: OwnOrDue, form: Form) -> Response:
    """Change the password; every session ends and this browser gets a new one."""
    room, new = room_of(request), field(form, "new")
    if new != field(form, "again"):
        return _page(request, person, problem=("people.problem.again", ""))
    try:
        done = change_password(room, person.id, old=field(form, "old"), new=new, address=address_of(request))
    except (PasswordError, AccountError) as error:
        return _page(request, person, problem=("", str(error)))
    if not done:
        return _page(request, person, problem=("people.problem.old", ""))
    answer = RedirectResponse("/account?changed=password" if not person.must_change_password else "/", 303)
    sessions.begin(request, answer, person.id)
    return answer


@router.post("/account/preferences")
def preferences(request: Request, person: Own, form: Form) -> Response:
    """Language, and whether names are hidden."""
    set_preferences(
        room_of(request), person.id, language=field(form, "language"), hides_names=bool(field(form, "hides_names"))
    )
    return RedirectResponse("/account?changed=preferences", 303)


@router.post("/account/tokens")
def new_token(request: Request, person: Own, form: Form) -> Response:
    """A token of one's own, shown this once."""
    days, scopes = field(form, "days"), [scope for scope in form.getlist("scope") if isinstance(scope, str)]
    try:
        token = tokens.issue(
            room_of(request),
            person,
            name=field(form, "name"),
            scopes=scopes,
            days=int(days) if days.isdecimal() and len(days) < 6 else 0,
            address=address_of(request),
        )
    except tokens.TokenError as error:
        return _page(request, person, token_problem=str(error))
    return _page(request, person, token=token)


@router.post("/account/tokens/{token_id}/revoked")
def revoke_token(request: Request, person: Own, token_id: int) -> Response:
    """End a token of one's own."""
    if not tokens.revoke(room_of(request), Actor(person.name, address_of(request)), token_id, owner=person.id):
        raise HTTPException(404)
    return RedirectResponse("/account#tokens", 303)


def _page(
    request: Request,
    person: Person,
    *,
    problem: tuple[str, str] = ("", ""),
    token: str = "",
    token_problem: str = "",
) -> Response:
    room = room_of(request)
    with reading(room.database) as connection:
        has_password = bool(connection.execute(select(users.c.password_hash).where(users.c.id == person.id)).scalar())
    changed = request.query_params.get("changed", "")
    values = {
        "has_password": has_password,
        "problem": problem,
        "shortest": room.settings.access.min_password_length,
        "changed": changed if changed in {"password", "preferences"} else "",
        "token": token,
        "token_problem": token_problem,
        "tokens": tokens.usable(room, person.id),
        "scopes": tokens.known_scopes(person),
    }
    wrong = any(problem) or token_problem
    return page(request, "people_account.html", person, values, status=422 if wrong else 200)
