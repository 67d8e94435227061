"""Keeps who may use the page: users, sessions, keys, failed tries and the one-time code, beside what the page notes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from collector.errors import StoreDown, StoreRefused
from collector.model.account import Key, Role, Session, Tries, User
from collector.model.event import Event
from collector.store.database import Database, Result, Row

#: Events that share kind, meter and millisecond at most; more cannot be ours.
_CROWD = 50


def _role(word: str) -> Role:
    return Role[word.upper()]


class Accounts:
    """Implements `AccountStore` on either database; one connection, one question at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()

    def _select(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return self._database.select(sql, values)

    def _change(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            return self._database.transaction(work)

    def _run(self, sql: str, *values: Any) -> bool:
        """Runs one statement; True when it touched a row."""
        return self._change(lambda: self._database.execute(sql, values)) > 0

    def users(self) -> Sequence[User]:
        """Everybody, by name."""
        sql = f"SELECT name, role, password, {self._database.ms('created')} FROM page_user ORDER BY name"
        return [User(name, _role(role), password, created) for name, role, password, created in self._select(sql)]

    def user(self, name: str) -> User | None:
        """The user of this name."""
        return next((user for user in self.users() if user.name == name), None)

    def put_user(self, user: User) -> None:
        """Adds a user, or changes role and password of the one that is there; ends all sessions of it."""
        columns = ("name", "role", "password", "created")
        sql = self._database.upsert("page_user", columns, ("name",))
        values = (user.name, user.role.word, user.password, self._database.moment(user.created))

        def work() -> None:
            self._database.execute(sql, values)
            self._database.execute("DELETE FROM page_session WHERE user = ?", (user.name,))

        self._change(work)

    def remove_user(self, name: str) -> bool:
        """Removes a user with all sessions and keys of it; False when there was none."""

        def work() -> bool:
            self._database.execute("DELETE FROM page_session WHERE user = ?", (name,))
            self._database.execute("DELETE FROM page_key WHERE made_by = ?", (name,))
            self._database.execute("DELETE FROM page_tries WHERE account = ?", (name,))
            return self._database.execute("DELETE FROM page_user WHERE name = ?", (name,)) > 0

        return self._change(work)

    def add_session(self, token: str, user: str, now: int) -> None:
        """Adds a session."""
        moment = self._database.moment(now)
        sql = "INSERT INTO page_session (token, user, created, seen) VALUES (?, ?, ?, ?)"
        self._run(sql, token, user, moment, moment)

    def session(self, token: str) -> Session | None:
        """The session of this hash, with the role that its user has now."""
        ms = self._database.ms
        sql = (
            f"SELECT s.token, s.user, u.role, {ms('s.created')}, {ms('s.seen')} FROM page_session s"
            " JOIN page_user u ON u.name = s.user WHERE s.token = ?"
        )
        for found, user, role, created, seen in self._select(sql, token):
            return Session(found, user, _role(role), created, seen)
        return None

    def see_session(self, token: str, now: int) -> None:
        """Notes that the session is in use."""
        self._run("UPDATE page_session SET seen = ? WHERE token = ?", self._database.moment(now), token)

    def end_session(self, token: str) -> None:
        """Ends one session."""
        self._run("DELETE FROM page_session WHERE token = ?", token)

    def end_old_sessions(self, seen_before: int, created_before: int) -> None:
        """Removes sessions that were not used since, or are older."""
        moment = self._database.moment
        sql = "DELETE FROM page_session WHERE seen < ? OR created < ?"
        self._run(sql, moment(seen_before), moment(created_before))

    def _keys(self, where: str = "", *values: Any) -> list[Key]:
        ms = self._database.ms
        sql = f"SELECT token, name, role, made_by, {ms('created')}, {ms('used')} FROM page_key {where} ORDER BY name"
        found = self._select(sql, *values)
        return [Key(token, name, _role(role), by, created, used) for token, name, role, by, created, used in found]

    def keys(self) -> Sequence[Key]:
        """All keys, by name."""
        return self._keys()

    def key(self, token: str) -> Key | None:
        """The key of this hash."""
        return next(iter(self._keys("WHERE token = ?", token)), None)

    def add_key(self, key: Key) -> None:
        """Adds a key; StoreRefused when there is one of this name."""
        sql = "INSERT INTO page_key (token, name, role, made_by, created) VALUES (?, ?, ?, ?, ?)"
        self._run(sql, key.token, key.name, key.role.word, key.made_by, self._database.moment(key.created))

    def see_key(self, token: str, now: int) -> None:
        """Notes that the key is in use."""
        self._run("UPDATE page_key SET used = ? WHERE token = ?", self._database.moment(now), token)

    def remove_key(self, name: str) -> bool:
        """Removes a key; False when there was none."""
        return self._run("DELETE FROM page_key WHERE name = ?", name)

    def tries(self) -> Sequence[Tries]:
        """All tries that are remembered."""
        sql = f"SELECT account, address, failures, {self._database.ms('last')}, known FROM page_tries"
        found = self._select(sql)
        return [
            Tries(account, address, failures, last, bool(known)) for account, address, failures, last, known in found
        ]

    def put_tries(self, tries: Tries, forget_before: int) -> None:
        """Remembers tries of one account from one address, and forgets those whose last is older."""
        columns = ("account", "address", "failures", "last", "known")
        sql = self._database.upsert("page_tries", columns, ("account", "address"))
        moment = self._database.moment
        values = (tries.account, tries.address, tries.failures, moment(tries.last), int(tries.known))

        def work() -> None:
            self._database.execute("DELETE FROM page_tries WHERE last < ?", (moment(forget_before),))
            self._database.execute(sql, values)

        self._change(work)

    def put_code(self, code: str, role: Role, expires: int) -> None:
        """Makes this the one-time code."""
        sql = self._database.upsert("page_code", ("number", "code", "role", "expires"), ("number",))
        self._run(sql, 1, code, role.word, self._database.moment(expires))

    def take_code(self, code: str, now: int) -> Role | None:
        """The role that the code gives; it is used up with that."""

        def work() -> Role | None:
            values = (code, self._database.moment(now))
            found = self._database.select("SELECT role FROM page_code WHERE code = ? AND expires > ?", values)
            if not found or not self._database.execute("DELETE FROM page_code WHERE code = ?", (code,)):
                return None
            return _role(found[0][0])

        return self._change(work)

    def add_event(self, event: Event) -> None:
        """Stores an event, a millisecond later where its place is taken: the page may not change events."""
        sql = "INSERT INTO event (time, kind, meter, message) VALUES (?, ?, ?, ?)"
        for time in range(event.time, event.time + _CROWD):
            try:
                self._run(sql, self._database.moment(time), event.kind, event.meter or "", event.message)
            except StoreDown:
                raise
            except StoreRefused:
                if not self._taken(time, event):
                    raise
            else:
                return

    def _taken(self, time: int, event: Event) -> bool:
        sql = "SELECT 1 FROM event WHERE time = ? AND kind = ? AND meter = ?"
        return bool(self._select(sql, self._database.moment(time), event.kind, event.meter or ""))

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._database.close()
