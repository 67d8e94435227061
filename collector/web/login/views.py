"""Shows who wants in the door: log in, log out, set a password with the one-time code."""

from __future__ import annotations

from flask import Blueprint, Response, request

from collector.errors import UsageError
from collector.model.account import Role
from collector.web.language import gettext as _
from collector.web.login.doorkeeper import Refused
from collector.web.login.forms import field, form_page, own_path, secret, see_other
from collector.web.login.gate import COOKIE, give_cookie, open_to_all, requires
from collector.web.login.identity import who
from collector.web.site import site

login = Blueprint("login", __name__)


def _address() -> str:
    return request.remote_addr or ""


def _refused(template: str, error: UsageError, **values: object) -> Response:
    wait = error.wait if isinstance(error, Refused) else 0.0
    response = form_page(template, 429 if wait else 400, problem=str(error), hint=error.hint, **values)
    if wait:
        response.headers["Retry-After"] = str(int(wait) + 1)
    return response


@login.get("/login")
@open_to_all
def ask() -> Response:
    """The form; where nobody has a password yet, the one for the code."""
    target = own_path(request.args.get("next", "/"))
    if not site().doorkeeper.has_admin():
        return form_page("code.html", first=True)
    return form_page("login.html", target=target, name="")


@login.post("/login")
@open_to_all
def log_in() -> Response:
    """A fresh session: its cookie is new, whatever cookie there was before (session fixation)."""
    target, name = own_path(request.form.get("next", "/")), request.form.get("name", "").strip()
    try:
        token = site().doorkeeper.log_in(name, secret("password"), _address())
    except Refused as error:
        return _refused("login.html", error, target=target, name=name[:40])
    return give_cookie(see_other(target), token)


@login.post("/logout")
@requires(Role.VIEWER)
def log_out() -> Response:
    """Ends the session here and in the database."""
    site().doorkeeper.log_out(request.cookies[COOKIE], who().name)
    response = see_other("/")
    response.delete_cookie(COOKIE)
    return response


@login.get("/code")
@open_to_all
def ask_code() -> Response:
    """The form for the one-time code."""
    return form_page("code.html", first=False)


@login.post("/code")
@open_to_all
def redeem() -> Response:
    """Sets the password of a user by the one-time code, and logs in."""
    name, password = request.form.get("name", "").strip(), secret("password")
    try:
        if password != secret("again"):
            raise UsageError(_("the two passwords differ"), _("type the same twice"))
        token = site().doorkeeper.redeem(field("code", 40), name, password, _address())
    except UsageError as error:
        return _refused("code.html", error, first=False, name=name[:40], code=request.form.get("code", "")[:40])
    return give_cookie(see_other("/settings"), token)
