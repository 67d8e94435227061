"""Hashes and checks passwords by scrypt (RFC 7914), one at a time: each takes 32 MiB that a small Pi can spare once."""

from __future__ import annotations

import threading

from werkzeug.security import check_password_hash, generate_password_hash

from collector.errors import UsageError
from collector.web.language import gettext as _

#: N = 2^15, r = 8, p = 1: the strength of Werkzeug's own choice, written down so that an update cannot change the cost.
METHOD = "scrypt:32768:8:1"
SHORTEST, LONGEST = 10, 200
#: Of nobody: an unknown name must take as long as a wrong password.
_NOBODY = f"{METHOD}$" + "0" * 16 + "$" + "0" * 128

_one_at_a_time = threading.Lock()


def acceptable(password: str, name: str) -> None:
    """UsageError unless the password is long enough and not the name."""
    if not SHORTEST <= len(password) <= LONGEST:
        said = _("the password must have %(least)s to %(most)s characters", least=SHORTEST, most=LONGEST)
        raise UsageError(said, _("three words make a good one"))
    if name.lower() in password.lower() and len(password) < len(name) + SHORTEST:
        raise UsageError(_("the password must not be built on the name"), _("three words make a good one"))
    if len(set(password)) < 5:
        raise UsageError(_("the password repeats itself"), _("three words make a good one"))


def hash_password(password: str) -> str:
    """The hash to be stored, with method and a fresh salt."""
    with _one_at_a_time:
        return generate_password_hash(password, METHOD)


def right(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes as long when there is no such user (`stored` None)."""
    with _one_at_a_time:
        found = check_password_hash(stored or _NOBODY, password[:LONGEST])
    return found and stored is not None
