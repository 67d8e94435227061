"""Says who may use the page: people with a role, their sessions, keys of programs, and tries that failed."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import IntEnum

#: How a user may be called: it appears in addresses, events and on the terminal.
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
#: Letters and digits that nobody takes for one another (Crockford's base 32).
_CLEAR = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN = str.maketrans("OIL", "011", "- \t")


class Role(IntEnum):
    """What somebody may do; each includes the ones before it."""

    NOBODY = 0
    VIEWER = 1
    ADMIN = 2

    @property
    def word(self) -> str:
        """`nobody`, `viewer` or `admin`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class User:
    """A person. `password`: its hash with method and salt. `created`: UTC ms."""

    name: str
    role: Role
    password: str
    created: int


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is logged in. `token`: hash of what its cookie holds. Times in UTC ms."""

    token: str
    user: str
    role: Role
    created: int
    seen: int


@dataclass(frozen=True, slots=True)
class Key:
    """A program that may ask the API. `token`: hash of the key; `role`: VIEWER reads, ADMIN also changes."""

    token: str
    name: str
    role: Role
    made_by: str
    created: int
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed logins of one account from one address since the last good one. `known`: there was a good one."""

    account: str
    address: str
    failures: int
    last: int
    known: bool


def new_token() -> str:
    """A secret that cannot be guessed: 256 random bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is stored of a random secret; it has too many bits to be found by trying, so one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """A one-time code of 80 random bits for people to type: `7KQ4-M2XP-9TRD-0WHC`."""
    letters = "".join(secrets.choice(_CLEAR) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def typed_code(text: str) -> str:
    """The code that was meant, however it was typed."""
    return text.upper().translate(_MISTAKEN)
