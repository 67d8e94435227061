"""What alert rules found is the same in both databases, is answered once, and is found by a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from explained import listening, slow
from stores import START, Box

from collector.model.alert import Alert, AlertDesk, AlertLog
from collector.store.factory import open_alert_desk, open_alert_log

SILENT = Alert("silent", "turbine", START, "turbine", "turbine: não responde")
RESET = Alert("counter", "turbine 1", START + 5, "turbine", "set to zero", START + 5)


@pytest.fixture
def log(box: Box) -> Iterator[AlertLog]:
    box.migrate({"turbine": ["frequency"]})
    with closing(open_alert_log(box.settings)) as opened:
        yield opened


@pytest.fixture
def desk(box: Box, log: AlertLog) -> Iterator[AlertDesk]:
    with closing(open_alert_desk(box.settings)) as opened:
        yield opened


def test_an_alert_begins_once_is_answered_once_and_ends(log: AlertLog, desk: AlertDesk) -> None:
    for _ in range(2):
        log.begin(SILENT)
        log.begin(RESET)
    assert desk.alerts(10) == [RESET, SILENT]
    assert desk.alerts(10, RESET.raised) == [SILENT]
    assert desk.lasting() == [SILENT]
    assert desk.acknowledge(SILENT, "ana", START + 10)
    assert not desk.acknowledge(SILENT, "rui", START + 11)
    assert log.acknowledged() == [("silent", "turbine")]
    log.end("silent", "turbine", START + 20)
    assert desk.lasting() == []
    (_, over) = desk.alerts(10)
    assert (over.ended, over.acknowledged, over.acknowledged_by) == (START + 20, START + 10, "ana")
    assert log.acknowledged() == []


def test_a_rule_may_find_the_same_again(log: AlertLog, desk: AlertDesk) -> None:
    log.begin(SILENT)
    log.end("silent", "turbine", START + 20)
    log.begin(Alert("silent", "turbine", START + 30, "turbine", "again"))
    log.end("silent", "turbine", START + 40)
    assert [alert.ended for alert in desk.alerts(10)] == [START + 40, START + 20]


def test_a_subject_of_any_length_ends_as_it_began(log: AlertLog, desk: AlertDesk) -> None:
    long = "ä" * 500
    log.begin(Alert("r", long, START, "", "x"))
    assert len(desk.lasting()) == 1
    log.end("r", long, START + 1)
    assert desk.lasting() == []


def test_a_trial_of_a_channel(log: AlertLog, desk: AlertDesk) -> None:
    desk.ask_test("mail", "ana", START)
    desk.ask_test("mail", "ana", START)
    assert log.wanted_tests(START + 1) == []
    (wanted,) = log.wanted_tests(START)
    log.tested(wanted, START + 1000, "no such server")
    assert log.wanted_tests(START) == []
    (tried,) = desk.tests(5)
    assert (tried.channel, tried.tried, tried.outcome) == ("mail", START + 1000, "no such server")


def test_no_question_is_answered_without_an_index(log: AlertLog, desk: AlertDesk) -> None:
    for number in range(300):
        log.begin(Alert("silent", f"m{number}", START + number, "m", "x", START + number))
        desk.ask_test(f"c{number}", "ana", START + number)
        log.tested(log.wanted_tests(START)[0], START + number, "")
    with listening() as asked:
        (
            desk.alerts(10),
            desk.alerts(10, START + 100),
            desk.lasting(),
            desk.tests(5),
            log.acknowledged(),
            log.wanted_tests(START + 290),
        )
        log.end("silent", "m7", START + 400)
        desk.acknowledge(Alert("silent", "m8", START + 8, "m", "x"), "ana", START + 400)
    assert len(asked) == 7
    assert slow(log._database, asked) == {}  # type: ignore[attr-defined]
