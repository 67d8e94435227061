"""Draws the seam between the page and where its users, sessions and keys are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from collector.model.account import Key, Role, Session, Tries, User
from collector.model.event import Event


class AccountStore(Protocol):
    """The page's own tables, and events. Safe to use from several threads. Times in UTC ms."""

    def users(self) -> Sequence[User]:
        """Everybody, by name."""
        ...

    def user(self, name: str) -> User | None:
        """The user of this name."""
        ...

    def put_user(self, user: User) -> None:
        """Adds a user, or changes role and password of the one that is there; ends all sessions of it."""
        ...

    def remove_user(self, name: str) -> bool:
        """Removes a user with all sessions and keys of it; False when there was none."""
        ...

    def add_session(self, token: str, user: str, now: int) -> None:
        """Adds a session. `token`: its hash."""
        ...

    def session(self, token: str) -> Session | None:
        """The session of this hash, with the role that its user has now."""
        ...

    def see_session(self, token: str, now: int) -> None:
        """Notes that the session is in use."""
        ...

    def end_session(self, token: str) -> None:
        """Ends one session."""
        ...

    def end_old_sessions(self, seen_before: int, created_before: int) -> None:
        """Removes sessions that were not used since, or are older."""
        ...

    def keys(self) -> Sequence[Key]:
        """All keys, by name."""
        ...

    def key(self, token: str) -> Key | None:
        """The key of this hash."""
        ...

    def add_key(self, key: Key) -> None:
        """Adds a key; StoreRefused when there is one of this name."""
        ...

    def see_key(self, token: str, now: int) -> None:
        """Notes that the key is in use."""
        ...

    def remove_key(self, name: str) -> bool:
        """Removes a key; False when there was none."""
        ...

    def tries(self) -> Sequence[Tries]:
        """All tries that are remembered."""
        ...

    def put_tries(self, tries: Tries, forget_before: int) -> None:
        """Remembers tries of one account from one address, and forgets those whose last is older."""
        ...

    def put_code(self, code: str, role: Role, expires: int) -> None:
        """Makes this the one-time code. `code`: its hash."""
        ...

    def take_code(self, code: str, now: int) -> Role | None:
        """The role that the code gives; it is used up with that. None for a wrong or an old one."""
        ...

    def add_event(self, event: Event) -> None:
        """Stores an event, a millisecond later where its place is taken."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...
