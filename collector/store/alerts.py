"""Keeps what alert rules found, and what people on the page ask of the process that watches them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from collector.model.alert import Alert, TrialMessage
from collector.store.database import Database

_COLUMNS = ("raised", "rule", "subject", "meter", "text")
#: Columns are as long as this; a longer subject is cut the same way every time.
_SUBJECT, _RULE = 120, 64
#: More alerts than this at once are one disaster.
_MOST_LASTING = 500
#: UTC ms that no alert is younger than: the year 2200.
_END = 7_258_118_400_000


class Alerts:
    """Implements `AlertLog` on either database; used by one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, alert: Alert) -> None:
        """Writes an alert down; what is over at once has its end already."""
        database = self._database
        values = (database.moment(alert.raised), alert.rule[:_RULE], alert.subject[:_SUBJECT], alert.meter, alert.text)
        ended = None if alert.ended is None else database.moment(alert.ended)
        database.execute(database.insert_new("alert", (*_COLUMNS, "ended")), (*values, ended))

    def end(self, rule: str, subject: str, ended: int) -> None:
        """What of this lasts is over."""
        values = (self._database.moment(ended), rule[:_RULE], subject[:_SUBJECT])
        self._database.execute("UPDATE alert SET ended = ? WHERE ended IS NULL AND rule = ? AND subject = ?", values)

    def acknowledged(self) -> Sequence[tuple[str, str]]:
        """(rule, subject) of what lasts and somebody has taken notice of."""
        sql = "SELECT rule, subject FROM alert WHERE ended IS NULL AND acknowledged IS NOT NULL"
        return [(str(rule), str(subject)) for rule, subject in self._database.select(sql)]

    def wanted_tests(self, since: int) -> Sequence[TrialMessage]:
        """Messages that somebody wanted to be tried since then, and that were not."""
        columns = f"{self._database.ms('asked')}, channel, asked_by"
        sql = f"SELECT {columns} FROM alert_test WHERE alert_test.asked >= ? AND tried IS NULL"
        found = self._database.select(sql, (self._database.moment(since),))
        return [TrialMessage(*row) for row in found]

    def tested(self, trial: TrialMessage, tried: int, outcome: str) -> None:
        """How a trial went."""
        database = self._database
        values = (database.moment(tried), outcome, database.moment(trial.asked), trial.channel)
        database.execute("UPDATE alert_test SET tried = ?, outcome = ? WHERE asked = ? AND channel = ?", values)

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()


class Desk:
    """Implements `AlertDesk` on either database; one connection, one question at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()

    def alerts(self, limit: int, before: int | None = None) -> Sequence[Alert]:
        """The newest first."""
        return self._alerts("raised < ?", (self._database.moment(_END if before is None else before),), limit)

    def lasting(self) -> Sequence[Alert]:
        """What is not over."""
        return self._alerts("ended IS NULL", (), _MOST_LASTING)

    def _alerts(self, where: str, values: Sequence[object], limit: int) -> list[Alert]:
        times = ", ".join(self._database.ms(name) for name in ("raised", "ended", "acknowledged"))
        sql = (
            f"SELECT rule, subject, meter, text, acknowledged_by, {times} FROM alert WHERE {where}"
            f" ORDER BY raised DESC, rule DESC, subject DESC LIMIT {int(limit)}"
        )
        with self._lock:
            found = self._database.select(sql, values)
        return [
            Alert(rule, subject, raised, meter, text, ended, acknowledged, who)
            for rule, subject, meter, text, who, raised, ended, acknowledged in found
        ]

    def acknowledge(self, alert: Alert, who: str, now: int) -> bool:
        """Somebody has taken notice."""
        moment = self._database.moment
        sql = (
            "UPDATE alert SET acknowledged = ?, acknowledged_by = ?"
            " WHERE raised = ? AND rule = ? AND subject = ? AND acknowledged IS NULL"
        )
        with self._lock:
            return self._database.execute(sql, (moment(now), who, moment(alert.raised), alert.rule, alert.subject)) > 0

    def ask_test(self, channel: str, who: str, now: int) -> None:
        """Somebody wants this channel to be tried."""
        sql = self._database.insert_new("alert_test", ("asked", "channel", "asked_by"))
        with self._lock:
            self._database.execute(sql, (self._database.moment(now), channel, who))

    def tests(self, limit: int) -> Sequence[TrialMessage]:
        """The newest trials first."""
        asked, tried = self._database.ms("asked"), self._database.ms("tried")
        columns = f"{asked}, channel, asked_by, {tried}, outcome"
        sql = f"SELECT {columns} FROM alert_test WHERE asked > ? ORDER BY alert_test.asked DESC LIMIT {int(limit)}"
        with self._lock:
            return [TrialMessage(*row) for row in self._database.select(sql, (self._database.moment(0),))]

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()
