"""Stands before every request: reading is open on the house's network, changing is closed to all but whom a view names.

A view that says nothing may be read by anybody (`login = "changes"`) or by viewers (`"always"`), and changed by admins
that are people. `@requires(Role.VIEWER)` and `@open_to_all` say otherwise.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote, urlsplit

from flask import Response, current_app, g, make_response, request
from werkzeug.exceptions import Forbidden, MethodNotAllowed, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from collector.errors import StoreError
from collector.model.account import Role, hashed, new_token
from collector.web.language import gettext as _
from collector.web.login.identity import NOBODY, Identity, who
from collector.web.problems import wants_json
from collector.web.site import site

COOKIE = "phaselog"
#: The field of a form, or the header of a script, that only our own pages can know.
FIELD, HEADER = "csrf", "X-CSRF-Token"
READING = frozenset({"GET", "HEAD"})
#: How browsers call what this page itself, or a person at the address bar, has asked for (Fetch Metadata).
OWN_SITE = frozenset({"same-origin", "none"})

View = TypeVar("View", bound=Callable[..., object])


def requires(role: Role, *, program: bool = False) -> Callable[[View], View]:
    """Closes a view to all below this role; `program`: keys of that role may use it, too, where it changes things."""

    def mark(view: View) -> View:
        view.requires, view.program = role, program  # type: ignore[attr-defined]
        return view

    return mark


#: Opens a view, whatever its method and the configuration.
open_to_all = requires(Role.NOBODY)


def pass_gate() -> AnyResponse | None:
    """Before each request: finds out who asks, and refuses what that person or program may not do."""
    _only_offered_methods()
    g.who = _identified()
    needed, programs = _needed()
    if request.method not in READING:
        if who() is NOBODY and needed is not Role.NOBODY and wants_json():
            return _ask_to_log_in()
        _refuse_foreign()
        if who().program and not programs:
            raise Forbidden(_("A key cannot do this: a person has to log in."))
    if who().role >= needed:
        return None
    if who() is not NOBODY:
        raise Forbidden(_("This needs the role %(role)s.", role=_(needed.word)))
    return _ask_to_log_in()


def _only_offered_methods() -> None:
    """Refuses every method that the address does not offer, OPTIONS too."""
    offered = set((request.url_rule.methods if request.url_rule else None) or READING)
    if isinstance(request.routing_exception, MethodNotAllowed):
        offered = set(request.routing_exception.valid_methods or READING)
    if request.method not in offered - {"OPTIONS"}:
        raise MethodNotAllowed(valid_methods=sorted(offered - {"OPTIONS"}))


def _identified() -> Identity:
    """Who asks. A store that is down makes nobody of everybody: what is open stays open."""
    keeper = site().doorkeeper
    kind, _blank, key = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() == "bearer":
            if (found := keeper.of_key(key.strip())) is NOBODY:
                raise Unauthorized(_("There is no such key."))
            return found
        token = request.cookies.get(COOKIE)
        return keeper.of_session(token) if token else NOBODY
    except StoreError:
        if request.method not in READING:
            raise
        return NOBODY


def _needed() -> tuple[Role, bool]:
    """(the role that this request needs, may it be a program's)."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return Role.NOBODY, True
    reading = request.method in READING
    usual = Role.ADMIN if not reading else Role.VIEWER if site().settings.page.login == "always" else Role.NOBODY
    return getattr(view, "requires", usual), reading or getattr(view, "program", False)


def _refuse_foreign() -> None:
    """Refuses what another site made this browser send (OWASP: synchroniser token, and the sender's origin)."""
    if who().program:
        return
    # A page that tells nobody where it is (Referrer-Policy) has the origin "null" in its own forms, too.
    origin = request.headers.get("Origin", "null")
    foreign = origin != "null" and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in OWN_SITE:
        raise Forbidden(_("This was sent by another site."))
    token = request.cookies.get(COOKIE)
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not token or not hmac.compare_digest(_proof(token).encode(), given.encode()):
        raise Forbidden(_("The page was open for too long, or this was sent by another site: open it again."))


def _proof(token: str) -> str:
    return hashed(f"form {token}")


def csrf_token() -> str:
    """What a form or script must send along; a visitor without a cookie gets one for it."""
    token = request.cookies.get(COOKIE) or g.get("new_token")
    if token is None:
        token = g.new_token = new_token()
    return _proof(token)


def _ask_to_log_in() -> Response:
    if wants_json() or request.method not in READING:
        raise Unauthorized(_("Log in first, or send a key: Authorization: Bearer KEY."))
    target = request.full_path.rstrip("?")
    response = make_response("", 303)
    response.headers["Location"] = f"/login?next={quote(target, safe='')}"
    return response


def give_cookie(response: Response, token: str) -> Response:
    """Puts the cookie: no script reads it, no other site sends it, and over TLS nobody else sees it."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
    return response


def keep_cookie(response: Response) -> Response:
    """After each request: gives the cookie that a form of this page needs, and keeps what is personal out of caches."""
    if token := g.get("new_token"):
        give_cookie(response, token)
    personal = who() is not NOBODY or bool(g.get("new_token"))
    if personal and "no-store" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "private, no-cache"
    return response
