"""The doctor's rounds: seldom, aside, one at a time, and never a wait for every visitor."""

from __future__ import annotations

import threading
import time

import pytest

from collector.model.finding import attention, fine, skipped, wrong
from collector.web import rounds
from collector.web.rounds import Rounds
from collector.web.verdict import Level, ordered, verdict


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def settled(made):
    deadline = time.monotonic() + 5
    while made._thread is not None and time.monotonic() < deadline:
        time.sleep(0.01)


def test_the_first_visitor_waits_a_moment_and_the_next_share_the_answer():
    clock, looks = Clock(), []
    made = Rounds(lambda: looks.append(1) or [fine("card", "well")], clock)
    assert made.found() == [fine("card", "well")]
    clock.now += rounds.GOOD_FOR - 1
    made.found()
    assert len(looks) == 1


def test_after_a_while_it_looks_again_without_making_anybody_wait():
    clock, gate = Clock(), threading.Event()
    gate.set()
    made = Rounds(lambda: gate.wait(5) and [fine("at", str(clock.now))], clock)
    first = made.found()
    clock.now += rounds.GOOD_FOR + 1
    gate.clear()
    assert made.found() == first
    gate.set()
    settled(made)
    assert made.found() != first


def test_a_look_that_hangs_is_waited_for_by_one_visitor_only(monkeypatch):
    monkeypatch.setattr(rounds, "PATIENCE", 0.3)
    gate = threading.Event()
    made = Rounds(lambda: gate.wait(60) and [], Clock())
    assert made.found()[0].subject == "examination"
    monkeypatch.setattr(rounds, "PATIENCE", 60)
    began = time.monotonic()
    made.found()
    assert time.monotonic() - began < 30
    gate.set()


def test_a_defect_of_a_look_costs_no_page():
    def fails():
        raise ValueError("unforeseen")

    made = Rounds(fails, Clock())
    assert made.found()[0].subject == "examination"
    settled(made)


def test_what_is_known_now_counts_for_more_than_an_earlier_look():
    found = ordered([fine("store", "answers")], [wrong("store", "down", "x"), attention("restart", "due", "reboot")])
    assert [each.subject for each in found] == ["restart", "store"]
    assert found[1].seen == "answers"


def test_the_gravest_makes_the_line_and_what_was_not_looked_at_makes_none(house):
    worst = ordered([fine("a", "x")], [attention("b", "old", "do"), wrong("c", "gone", "mend"), skipped("d", "no")])
    line = verdict(house.settings, worst, None)
    assert (line.level, line.line, line.hint, line.more) == (Level.WRONG, "C: gone", "mend", 1)
    assert verdict(house.settings, [skipped("d", "no")], None).level is Level.FINE


@pytest.mark.slow
def test_health_shows_every_check_and_healthz_tells_the_gravest(house):
    house.doctor.sees = [
        wrong("backup", "is 49 h old", "look at the stick"),
        fine("card", "no errors"),
        skipped("power", "no Pi"),
    ]
    page = house.client.get("/health").get_data(as_text=True)
    for words in ("is 49 h old", "look at the stick", "no errors", "no Pi", "1 could not be made"):
        assert words in page
    assert house.client.get("/healthz").status_code == 503
    assert "Backup: is 49 h old" in house.client.get("/").get_data(as_text=True)
