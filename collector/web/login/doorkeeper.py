"""Decides who comes in: by password, by the one-time code, by session or by key; notes it and slows guessing down."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from collector.errors import StoreError, UsageError
from collector.model.account import NAME_PATTERN, Role, User, hashed, new_token, typed_code
from collector.model.account_store import AccountStore
from collector.model.event import PAGE_KIND, Event
from collector.web.access import StoreAccess
from collector.web.language import gettext as _
from collector.web.login.identity import NOBODY, Identity
from collector.web.login.passwords import acceptable, hash_password, right
from collector.web.login.throttle import REMEMBERED, failed, network, succeeded, wait

DAY = 86_400_000
#: A session ends when it was not used for so long, and at the latest after so long, ms.
IDLE, OLDEST = 7 * DAY, 30 * DAY
#: A use is written down when the last one that was is this long ago, ms: the card is spared.
NOTED_EVERY = 600_000


class Refused(UsageError):
    """Nobody comes in like this. `wait`: s until it may be tried again."""

    def __init__(self, message: str, hint: str = "", wait: float = 0.0) -> None:
        super().__init__(message, hint)
        self.wait = wait


def system_now() -> int:
    """The machine's clock, UTC ms."""
    return int(time.time() * 1000)


class Doorkeeper:
    """The only one who opens the door; safe to use from several threads."""

    def __init__(self, accounts: StoreAccess[AccountStore], now: Callable[[], int] = system_now) -> None:
        self.accounts = accounts
        self.now = now
        # One try after the other: four at once would be counted as one.
        self._trying = threading.Lock()

    def note(self, kind: str, message: str) -> None:
        """Writes down who did what, for the list of what people did."""
        event = Event(self.now(), f"{PAGE_KIND}{kind}", message)
        self.accounts.ask(lambda store: store.add_event(event))

    def log_in(self, name: str, password: str, address: str) -> str:
        """The cookie of a new session; raises Refused."""
        user = self.accounts.ask(lambda store: store.user(name))
        # A name that is nobody's is not remembered as such: there would be no end of them.
        account, place = user.name if user else "", network(address)
        with self._trying:
            self._wait(account, place)
            if not right(user.password if user else None, password):
                self._failed(account, place, f"login as {user.name} refused" if user else "login as nobody refused")
                raise Refused(
                    _("name or password is wrong"), _("phaselog user code on the logger gives a new password")
                )
        assert user is not None
        return self._come_in(user.name, place, "login")

    def redeem(self, code: str, name: str, password: str, address: str) -> str:
        """Sets this user's password by the one-time code, and logs in; raises Refused, UsageError."""
        if not re.fullmatch(NAME_PATTERN, name):
            raise UsageError(
                _("a name has 1 to 40 letters, digits, dots, dashes or underscores"), _("it has no blanks")
            )
        acceptable(password, name)
        place = network(address)
        with self._trying:
            self._wait("", place)
            role = self.accounts.ask(lambda store: store.take_code(hashed(typed_code(code)), self.now()))
            if role is None:
                self._failed("", place, "a wrong one-time code was refused")
                raise Refused(_("the code is wrong, was used, or is too old"), _("phaselog user code makes a new one"))
        self.put_user(User(name, role, hash_password(password), self.now()))
        return self._come_in(name, place, "password set by one-time code")

    def change_password(self, name: str, old: str, new: str, address: str) -> str:
        """A new password for somebody who knows the old one; the cookie of the only session left."""
        user = self.accounts.ask(lambda store: store.user(name))
        with self._trying:
            self._wait(name, network(address))
            if user is None or not right(user.password, old):
                self._failed(name, network(address), f"change of the password of {name} refused")
                raise Refused(_("the present password is wrong"), _("phaselog user code on the logger gives a new one"))
        self.put_user(User(name, user.role, hash_password(new), user.created))
        return self._come_in(name, network(address), "password changed")

    def put_user(self, user: User) -> None:
        """Adds or changes a user; all sessions of it end."""
        self.accounts.ask(lambda store: store.put_user(user))

    def _wait(self, account: str, place: str) -> None:
        tries = self.accounts.ask(lambda store: store.tries())
        if (left := wait(tries, account, place, self.now())) > 0:
            raise Refused(_("too many wrong tries"), _("try again in %(seconds)s s", seconds=round(left + 1)), left)

    def _failed(self, account: str, place: str, message: str) -> None:
        def remember(store: AccountStore) -> None:
            store.put_tries(failed(store.tries(), account, place, self.now()), self.now() - REMEMBERED)

        self.accounts.ask(remember)
        self.note("refused", f"{message}, from {place}")

    def _come_in(self, name: str, place: str, how: str) -> str:
        token, now = new_token(), self.now()

        def enter(store: AccountStore) -> None:
            store.end_old_sessions(now - IDLE, now - OLDEST)
            store.put_tries(succeeded(name, place, now), now - REMEMBERED)
            store.add_session(hashed(token), name, now)

        self.accounts.ask(enter)
        self.note("login", f"{name}: {how}, from {place}")
        return token

    def log_out(self, token: str, name: str) -> None:
        """Ends the session of this cookie."""
        self.accounts.ask(lambda store: store.end_session(hashed(token)))
        self.note("logout", name)

    def of_session(self, token: str) -> Identity:
        """Who has this cookie; NOBODY when its session is over."""
        now = self.now()
        session = self.accounts.ask(lambda store: store.session(hashed(token)))
        if session is None or now - session.seen > IDLE or now - session.created > OLDEST:
            return NOBODY
        if now - session.seen > NOTED_EVERY:
            self._noted(lambda store: store.see_session(session.token, now))
        return Identity(session.user, session.role)

    def of_key(self, token: str) -> Identity:
        """Which program has this key; NOBODY for a wrong one."""
        now = self.now()
        key = self.accounts.ask(lambda store: store.key(hashed(token)))
        if key is None:
            return NOBODY
        if key.used is None or now - key.used > NOTED_EVERY:
            self._noted(lambda store: store.see_key(key.token, now))
        return Identity(key.name, key.role, program=True)

    def _noted(self, change: Callable[[AccountStore], None]) -> None:
        """A use that cannot be written down (another process writes) keeps nobody out."""
        try:
            self.accounts.ask(change)
        except StoreError:
            return

    def has_admin(self) -> bool:
        """Whether anybody may change anything yet."""
        return any(user.role is Role.ADMIN for user in self.accounts.ask(lambda store: store.users()))
