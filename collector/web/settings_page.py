"""Serves the room "settings": one's own password; for admins users, keys of programs, and what people did."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from collector.errors import UsageError
from collector.model.account import NAME_PATTERN, Key, Role, User, hashed, new_token
from collector.model.event import PAGE_KIND
from collector.web.language import gettext as _
from collector.web.language import marked
from collector.web.login.forms import field, form_page, secret, see_other
from collector.web.login.gate import give_cookie, requires
from collector.web.login.identity import who
from collector.web.login.passwords import acceptable, hash_password
from collector.web.site import site

settings = Blueprint("settings", __name__)

#: What people did: so many entries on the page.
SHOWN = 100
ROLES = (Role.VIEWER, Role.ADMIN)
#: So that a key is known for what it is wherever somebody finds one.
KEY_PREFIX = "phaselog_"
#: Words of roles, of fields and of the kinds of what people did.
WORDS = (
    marked("viewer"), marked("admin"), marked("name"), marked("code"), marked("login"), marked("logout"),
    marked("refused"), marked("user"), marked("key"), marked("camera"), marked("text"),
)  # fmt: skip


@settings.get("/settings")
def show() -> Response:
    """What this person may set; for others the way to log in."""
    return _shown()


def _shown(status: int = 200, **values: object) -> Response:
    keeper, seen = site().doorkeeper, who()
    if seen.role is not Role.ADMIN or seen.program:
        return form_page("settings.html", status, you=seen, admin=False, **values)
    users, keys = keeper.accounts.ask(lambda store: (store.users(), store.keys()))
    return form_page(
        "settings.html", status, you=seen, admin=True, users=users, keys=keys, roles=ROLES, done=_done(), **values
    )


def _done() -> list[tuple[int, str, str]]:
    """(time, what, who and how) of the newest changes."""
    found = site().access.ask(lambda store: store.events(SHOWN, page=True))
    return [(event.time, event.kind.removeprefix(PAGE_KIND), event.message) for event in found]


def _name() -> str:
    name = field("name", 40)
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            _("a name has letters, digits, dots, dashes and underscores only"), _("it begins with a letter")
        )
    return name


def _role() -> Role:
    role = next((role for role in ROLES if role.word == request.form.get("role")), None)
    if role is None:
        raise UsageError(_("role is missing"), _("viewer or admin"))
    return role


@settings.errorhandler(UsageError)
def again(error: UsageError) -> Response:
    """The page again, with what was wrong."""
    return _shown(400, problem=str(error), hint=error.hint)


@settings.post("/settings/password")
@requires(Role.VIEWER)
def change_password() -> Response:
    """A new password for oneself; all other sessions end."""
    keeper, name, new, address = site().doorkeeper, who().name, secret("new"), request.remote_addr or ""
    if new != secret("again"):
        raise UsageError(_("the two new passwords differ"), _("type the same twice"))
    acceptable(new, name)
    return give_cookie(see_other("/settings"), keeper.change_password(name, secret("password"), new, address))


@settings.post("/settings/users")
@requires(Role.ADMIN)
def put_user() -> Response:
    """Adds a user, or gives the one of this name another role and password."""
    keeper, name, role, password = site().doorkeeper, _name(), _role(), secret("password")
    acceptable(password, name)
    _keep_an_admin(name, role)
    keeper.put_user(User(name, role, hash_password(password), keeper.now()))
    keeper.note("user", f"{who()} set {name} ({role.word})")
    return see_other("/settings" if name != who().name else "/login")


@settings.post("/settings/users/remove")
@requires(Role.ADMIN)
def remove_user() -> Response:
    """Removes a user with all its sessions and keys."""
    keeper, name = site().doorkeeper, _name()
    _keep_an_admin(name, Role.NOBODY)
    if keeper.accounts.ask(lambda store: store.remove_user(name)):
        keeper.note("user", f"{who()} removed {name}")
    return see_other("/settings")


def _keep_an_admin(name: str, role: Role) -> None:
    """The last admin cannot be removed or made a viewer: nobody could mend it at the page."""
    users = site().doorkeeper.accounts.ask(lambda store: store.users())
    others = any(user.role is Role.ADMIN for user in users if user.name != name)
    if role is not Role.ADMIN and not others:
        raise UsageError(_("%(name)s is the last admin", name=name), _("make somebody else an admin first"))


@settings.post("/settings/keys")
@requires(Role.ADMIN)
def add_key() -> Response:
    """A key for a program: shown this once, stored as a hash."""
    keeper, name, role = site().doorkeeper, _name(), _role()
    if any(key.name == name for key in keeper.accounts.ask(lambda store: store.keys())):
        said = _("there is a key %(name)s already", name=name)
        raise UsageError(said, _("remove it first, or choose another name"))
    token = KEY_PREFIX + new_token()
    key = Key(hashed(token), name, role, who().name, keeper.now())
    keeper.accounts.ask(lambda store: store.add_key(key))
    keeper.note("key", f"{who()} made the key {name} ({'reads' if role is Role.VIEWER else 'reads and changes'})")
    return _shown(new_key=token)


@settings.post("/settings/keys/remove")
@requires(Role.ADMIN)
def remove_key() -> Response:
    """Takes a key back."""
    keeper, name = site().doorkeeper, _name()
    if keeper.accounts.ask(lambda store: store.remove_key(name)):
        keeper.note("key", f"{who()} removed the key {name}")
    return see_other("/settings")
