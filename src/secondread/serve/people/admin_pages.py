"""``/admin/people``: who may come in, as what, and which tokens there are. For administrators in a browser only."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import ROLES, users
from secondread.serve.pages.admin.frame import PAGES
from secondread.serve.pages.render import page
from secondread.serve.people import accounts, tokens
from secondread.serve.people.accounts import AccountError
from secondread.serve.people.browser import address_of, field, small_form
from secondread.serve.people.person import Person, permit, room_of
from secondread.serve.people.rights import Right
from secondread.serve.trail.record import Actor

router = APIRouter(prefix="/admin/people")
Administrator = Annotated[Person, Depends(permit(Right.ADMINISTER, sessions_only=True))]
Form = Annotated[FormData, Depends(small_form)]


@router.get("")
def people(request: Request, person: Administrator) -> Response:
    """The list."""
    return _page(request, person)


@router.post("")
def add(request: Request, person: Administrator, form: Form) -> Response:
    """A new person; their one-time password is shown this once."""
    name = field(form, "name").strip().lower()
    try:
        password = accounts.create(
            room_of(request),
            _actor(request, person),
            name=name,
            display_name=field(form, "display_name"),
            organisation=field(form, "organisation"),
            role=field(form, "role"),
        )
    except AccountError as error:
        return _page(request, person, problem=str(error))
    return _page(request, person, once=(name, password))


@router.post("/{user_id}")
def edit(request: Request, person: Administrator, form: Form, user_id: int) -> Response:
    """Another role or name to show."""
    try:
        accounts.change(
            room_of(request),
            _actor(request, person),
            user_id,
            display_name=field(form, "display_name"),
            organisation=field(form, "organisation"),
            role=field(form, "role"),
        )
    except AccountError as error:
        return _page(request, person, problem=str(error))
    return RedirectResponse("/admin/people", 303)


@router.post("/{user_id}/password")
def reset(request: Request, person: Administrator, user_id: int) -> Response:
    """A new one-time password, shown this once."""
    try:
        password = accounts.reset_password(room_of(request), _actor(request, person), user_id)
    except AccountError as error:
        return _page(request, person, problem=str(error))
    return _page(request, person, once=(_name(request, user_id), password))


@router.post("/{user_id}/disabled")
def disable(request: Request, person: Administrator, form: Form, user_id: int) -> Response:
    """Let in no more, or again."""
    try:
        accounts.set_disabled(
            room_of(request), _actor(request, person), user_id, disabled=field(form, "disabled") == "1"
        )
    except AccountError as error:
        return _page(request, person, problem=str(error))
    return RedirectResponse("/admin/people", 303)


@router.post("/tokens/{token_id}/revoked")
def revoke(request: Request, person: Administrator, token_id: int) -> Response:
    """End anybody's token."""
    if not tokens.revoke(room_of(request), _actor(request, person), token_id):
        raise HTTPException(404)
    return RedirectResponse("/admin/people#tokens", 303)


def _actor(request: Request, person: Person) -> Actor:
    return Actor(person.name, address_of(request))


def _page(request: Request, person: Person, *, problem: str = "", once: tuple[str, str] | None = None) -> Response:
    room = room_of(request)
    values: Mapping[str, Any] = {
        "pages": PAGES,
        "problem": problem,
        "once": once,
        "roles": ROLES,
        "people": _people(request),
        "tokens": tokens.usable(room),
        "now": room.now(),
    }
    return page(request, "people_list.html", person, values, status=422 if problem else 200)


def _people(request: Request) -> Any:
    query = select(
        users.c.id, users.c.name, users.c.display_name, users.c.organisation, users.c.role, users.c.disabled,
        users.c.must_change_password, users.c.locked_until, users.c.last_login_at, users.c.oidc_subject,
    ).order_by(users.c.disabled, users.c.name)  # fmt: skip
    with reading(room_of(request).database) as connection:
        return connection.execute(query).mappings().all()


def _name(request: Request, user_id: int) -> str:
    with reading(room_of(request).database) as connection:
        return str(connection.execute(select(users.c.name).where(users.c.id == user_id)).scalar_one())
