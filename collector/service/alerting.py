"""Watches the alert rules: looks, writes down what a person must be told, and sends it until it was taken.

A notice is written to the state file before it goes to the outbox, and it is sent only after that: a power cut
anywhere loses none and makes none twice. Only a cut between a server's "taken" and ours sends a message again, with
the id that it had.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from collector.config.places import runtime_directory, state_directory
from collector.config.settings import Settings
from collector.errors import OutletError, StoreError
from collector.insight.alerts.facts import Facts
from collector.insight.alerts.notice import HAPPENED, RAISED, RESOLVED, TEST, Notice, Tongue, message
from collector.insight.alerts.rule import Rule, look
from collector.insight.alerts.standing import Book, looked
from collector.model.alert import Alert, AlertLog
from collector.model.finding import Doctor
from collector.outlets.outbox import Outbox
from collector.service.alert_facts import FactFinder
from collector.service.alert_rules import Channel, channels, rules
from collector.service.alert_sender import Sender
from collector.service.alert_state import State
from collector.service.notify import notify
from collector.store.factory import open_alert_log, open_reader

log = logging.getLogger(__name__)

#: The rules look this often, s.
EVERY = 10.0
HISTORY = ".history"
#: ms after which nobody waits for a trial any more.
TRIAL_FOR = 3_600_000


class Alerting:
    """The rules, their standings, the channels and the history."""

    def __init__(
        self, settings: Settings, facts: FactFinder, folder: Path, open_log: Callable[[], AlertLog],
        outlets: Mapping[str, Channel], tongue: Tongue,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._facts = facts
        self._rules = rules(settings)
        self._open_log = open_log
        self._log: AlertLog | None = None
        self._outbox = Outbox(folder / "outbox")
        self._state = State(folder / "alerts.json")
        kept = self._state.data
        self._book = Book(settings.site.zone, kept.get("standings"))
        # A logger that is set up does not tell what happened before.
        self._since: int = kept.get("since", int(time.time() * 1000))
        self._outlets = outlets
        self._write = partial(message, settings.site.name, settings.site.zone, tongue)
        self.senders = [Sender(name, channel, self._outbox, self._write) for name, channel in outlets.items()]
        self._put([Notice.from_json(text) for text in kept.get("pending", ())])

    def turn(self) -> None:
        """One look. Raises OSError when the state folder cannot be written."""
        facts = self._facts.facts(self._rules, self._since)
        notices = [notice for rule in self._rules for notice in self._looked(rule, facts)]
        self._since = max([self._since, *(event.time for event in facts.events)])
        if notices:
            self._save(notices)
            self._put(notices)
        self._save(())
        for sender in self.senders:
            sender.wake()
        self._keep_history(facts.now)

    def _looked(self, rule: Rule, facts: Facts) -> list[Notice]:
        seen = list(look(rule, facts, partial(self._book.standing, rule.name)))
        found = looked(self._book, rule, seen, facts.now)
        for notice in found:
            log.warning("%s: %s", notice.word, notice.text)
        return found

    def _save(self, pending: Sequence[Notice]) -> None:
        told = [notice.to_json() for notice in pending]
        self._state.save({"standings": self._book.to_json(), "since": self._since, "pending": told})

    def _put(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            for channel in (HISTORY, *notice.send):
                if not self._outbox.put(channel, notice.time, notice.id, notice.to_json()):
                    log.error("%s: too many messages wait already; this one is in the journal only", channel)

    def _keep_history(self, now: int) -> None:
        """Writes down what happened, and takes what people on the page ask; a store that is down is asked later."""
        try:
            self._log = self._log or self._open_log()
            for path, text in self._outbox.waiting(HISTORY).items():
                self._note(self._log, Notice.from_json(text))
                self._outbox.sent({path: None})
            for rule, subject in self._log.acknowledged():
                self._book.acknowledge(rule, subject)
            self._try_channels(self._log, now)
        except StoreError as error:
            log.debug("history waits: %s", error)
            self._forget_log()

    def _note(self, store: AlertLog, notice: Notice) -> None:
        if notice.word in (RAISED, HAPPENED):
            ended = notice.time if notice.word == HAPPENED else None
            store.begin(Alert(notice.rule, notice.subject, notice.time, notice.meter, notice.text, ended))
        elif notice.word == RESOLVED:
            store.end(notice.rule, notice.subject, notice.time)

    def _try_channels(self, store: AlertLog, now: int) -> None:
        """Messages that somebody on the page wants to be tried: at once, whatever waits."""
        # By this machine's own clock, as the page asks by it.
        for trial in store.wanted_tests(int(time.time() * 1000) - TRIAL_FOR):
            channel = self._outlets.get(trial.channel)
            told = Notice(now, TEST, "test", trial.channel, "", f"{trial.asked_by} tries this channel", (), now)
            written = self._write([told])
            outcome = "no such channel"
            if channel is not None:
                outcome = ""
                try:
                    channel.send(written.id, written.headline, written.text)
                except OutletError as error:
                    outcome = f"{error} ({error.hint})"
            store.tested(trial, now, outcome)

    def _forget_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def close(self) -> None:
        """Lets go of the store."""
        self._facts.close()
        self._forget_log()


def alert(settings: Settings, doctor: Doctor, tongue: Tongue) -> int:
    """Watches the rules until SIGTERM or SIGINT; 0 after an orderly end."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    reader = partial(open_reader, settings.store, settings.site)
    facts = FactFinder(settings, runtime_directory(settings.path), reader, doctor)
    folder = state_directory(settings.path) / "alerts"
    alerting = Alerting(settings, facts, folder, partial(open_alert_log, settings.store), channels(settings), tongue)
    for sender in alerting.senders:
        sender.start()
    if not alerting.senders:
        log.info("no [mail] and no [[webhook]] is configured: alerts are shown on the page only")
    notify("READY=1")
    while not stop.wait(EVERY):
        try:
            alerting.turn()
            notify("WATCHDOG=1")
        except OSError as error:
            log.error("alerts: %s", error)
    notify("STOPPING=1")
    alerting.close()
    return 0
