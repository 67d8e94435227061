"""Alerts from a rule to a receiver: told once, through restarts and dead channels; people see and answer them."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collector.config.load import load
from collector.devices import catalogue
from collector.doctor.page_doctor import PageDoctor
from collector.insight.alerts.notice import English, Tongue
from collector.model.event import Event
from collector.model.status import ClockStatus, CollectorStatus, MeterStatus, SpoolStatus, WriterStatus
from collector.service.alert_facts import FactFinder
from collector.service.alert_rules import channels
from collector.service.alerting import Alerting
from collector.service.maintain import maintain
from collector.store.factory import open_alert_desk, open_alert_log, open_reader
from collector.store.noting import note
from collector.web import alert_words
from tests.integration.conftest import Box, end, wait_for

pytestmark = pytest.mark.slow

CONFIG = """
[site]
name = "Chapada"
[store]
kind = "sqlite"
path = "readings.sqlite"
[[line]]
name = "rs485"
port = "/dev/meter-none"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
[[webhook]]
name = "phone"
url = "http://127.0.0.1:{port}/phone"
[[alert]]
name = "silent"
kind = "silent"
repeat = "0s"
[[alert]]
name = "counter"
kind = "counter"
"""


class Phone(ThreadingHTTPServer):
    """Takes messages, or refuses them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[tuple[str, str]] = []
        self.answer = 200


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Phone)
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.answer == 200:
            self.server.messages.append((self.headers["Idempotency-Key"], text))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def phone():
    server = Phone()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Watch:
    """The rules over a real SQLite store and a status file that the test writes."""

    tongue: Tongue = English()

    def __init__(self, folder: Path, phone: Phone) -> None:
        self.folder, self.runtime = folder, folder / "run"
        self.runtime.mkdir()
        config = folder / "phaselog.toml"
        config.write_text(CONFIG.format(port=phone.server_address[1]), encoding="utf-8")
        self.settings = load(config, catalogue.OFFERS)
        maintain(self.settings)
        self.restart()

    def restart(self) -> None:
        reader = partial(open_reader, self.settings.store, self.settings.site)
        facts = FactFinder(self.settings, self.runtime, reader, PageDoctor(self.settings))
        opened = partial(open_alert_log, self.settings.store)
        outlets = channels(self.settings)
        self.alerting = Alerting(self.settings, facts, self.folder / "alerts", opened, outlets, self.tongue)

    def meter(self, state: str) -> None:
        now = int(time.time() * 1000)
        meters = (MeterStatus("turbine", "rs485", "siemens-pac3100", 1.0, state, last_error="no answer"),)
        status = CollectorStatus(
            now, now, "0", 1, "Chapada", meters, (), SpoolStatus(), WriterStatus(), ClockStatus(trusted=True)
        )
        (self.runtime / "status.json").write_text(status.to_json(), encoding="utf-8")

    def send(self) -> bool:
        """What is due, without the minute's pause that a channel makes."""
        return all(sender.turn(int(time.time() * 1000)) for sender in self.alerting.senders)


@pytest.fixture
def watch(tmp_path: Path, phone: Phone):
    made = Watch(tmp_path, phone)
    yield made
    made.alerting.close()


def test_a_silent_meter_is_told_once_and_that_it_is_back_too(watch: Watch, phone: Phone) -> None:
    for state in ("ok", "silent", "silent", "silent", "ok", "ok"):
        watch.meter(state)
        watch.alerting.turn()
        watch.send()
    texts = [text for _, text in phone.messages]
    assert len(texts) == 2
    assert "alert: turbine: no believable answer (no answer)" in texts[0]
    assert "over: turbine: answers" in texts[1]


def test_people_are_told_in_their_language(watch: Watch, phone: Phone) -> None:
    watch.tongue = alert_words.Tongue("pt")
    watch.restart()
    for state in ("silent", "ok"):
        watch.meter(state)
        watch.alerting.turn()
        watch.send()
    told = [text for _, text in phone.messages]
    assert re.fullmatch(r"\d+ de \S+ de \d{4}, \d\d:\d\d alerta: turbine: nenhuma resposta confiável \(sem resposta\)"
                        r" \(regra silent\)", told[0])  # fmt: skip
    assert told[1].endswith("terminou: turbine: responde (regra silent)")
    with closing(open_alert_desk(watch.settings.store)) as desk:
        assert [alert.text for alert in desk.alerts(9)] == ["turbine: no believable answer (no answer)"]


def test_a_dead_channel_loses_nothing_and_what_waited_is_one_message(watch: Watch, phone: Phone) -> None:
    phone.answer = 503
    for state in ("silent", "ok"):
        watch.meter(state)
        watch.alerting.turn()
        assert not watch.send()
    watch.restart()
    phone.answer = 200
    assert watch.send()
    assert len(phone.messages) == 1
    assert len(phone.messages[0][1].splitlines()) == 2


def test_a_restart_at_any_moment_neither_loses_nor_doubles(watch: Watch, phone: Phone) -> None:
    for state in ("silent", "silent", "ok", "ok", "silent"):
        watch.meter(state)
        watch.restart()
        watch.alerting.turn()
        watch.restart()
        watch.send()
    assert [text.count("alert:") for _, text in phone.messages] == [1, 0, 1]
    assert len({key for key, _ in phone.messages}) == 3


def test_a_cut_between_writing_down_and_sending_is_made_good(watch: Watch, phone: Phone, monkeypatch) -> None:
    watch.meter("silent")
    with monkeypatch.context() as patch:
        patch.setattr(watch.alerting, "_put", lambda notices: (_ for _ in ()).throw(OSError("the power is gone")))
        with pytest.raises(OSError):
            watch.alerting.turn()
    watch.restart()
    watch.alerting.turn()
    watch.send()
    assert len(phone.messages) == 1


def test_history_acknowledgement_and_trial_go_through_the_database(watch: Watch, phone: Phone) -> None:
    with closing(open_alert_desk(watch.settings.store)) as desk:
        watch.meter("silent")
        watch.alerting.turn()
        (alert,) = desk.lasting()
        assert (alert.rule, alert.subject, alert.meter) == ("silent", "turbine", "turbine")
        assert desk.acknowledge(alert, "maria", alert.raised + 1000)
        assert not desk.acknowledge(alert, "joao", alert.raised + 2000)
        desk.ask_test("phone", "maria", alert.raised + 3000)
        desk.ask_test("nobody", "maria", alert.raised + 4000)
        watch.alerting.turn()
        outcomes = {trial.channel: trial.outcome for trial in desk.tests(10)}
        assert outcomes == {"phone": "", "nobody": "no such channel"}
        assert "maria tries this channel" in phone.messages[-1][1]
        watch.meter("ok")
        watch.alerting.turn()
        assert desk.lasting() == []
        (over,) = desk.alerts(10)
        assert over.ended and over.acknowledged_by == "maria"
        assert desk.alerts(10, over.raised) == []


def test_events_of_a_counter_are_told_once_even_over_a_restart(watch: Watch, phone: Phone) -> None:
    watch.meter("ok")
    watch.alerting.turn()
    now = int(time.time() * 1000)
    note(watch.settings.store, Event(now + 1000, "counter_reset", "turbine: set to zero", "turbine"))
    for _ in range(3):
        watch.restart()
        watch.alerting.turn()
        watch.send()
    assert [text.count("set to zero") for _, text in phone.messages] == [1]


def test_history_waits_while_the_database_is_away(watch: Watch) -> None:
    database = watch.settings.store.path
    assert database is not None
    away = database.with_suffix(".away")
    watch.alerting.close()
    database.rename(away)
    watch.meter("silent")
    watch.alerting.turn()
    away.rename(database)
    watch.restart()
    watch.alerting.turn()
    with closing(open_alert_desk(watch.settings.store)) as desk:
        assert [alert.rule for alert in desk.lasting()] == ["silent"]


def test_without_rules_those_that_every_logger_needs_are_in_force(watch: Watch) -> None:
    from collector.service.alert_rules import rules

    kinds = {rule.kind for rule in rules(replace(watch.settings, alerts=()))}
    assert kinds == {"silent", "counter", "camera", "disk", "backup", "prices", "health"}


@pytest.mark.slow
def test_the_process_tells_that_the_collector_does_not_run_and_a_kill_tells_it_no_second_time(
    box: Box, phone: Phone
) -> None:
    box.write(CONFIG.format(port=phone.server_address[1]))
    assert box.phaselog("db", "migrate", str(box.config)).returncode == 0
    process = box.start("alert", str(box.config))
    wait_for(lambda: phone.messages, 60, "the message")
    assert end(process, signal.SIGKILL) == -signal.SIGKILL
    process = box.start("alert", str(box.config))
    time.sleep(15)
    assert end(process) == 0
    assert len(phone.messages) == 1
    state = json.loads((box.state / "alerts" / "alerts.json").read_text())
    assert list(state["standings"]) == ["silent\nturbine"]
