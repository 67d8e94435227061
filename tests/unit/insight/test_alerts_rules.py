"""What each kind of rule sees in the facts."""

import pytest

from collector.insight.alerts.defaults import defaults
from collector.insight.alerts.facts import Facts, Judged, Newest
from collector.insight.alerts.rule import KINDS, Rule, look
from collector.model.event import Event
from collector.model.finding import attention, fine, skipped, wrong
from collector.model.status import ClockStatus, CollectorStatus, MeterStatus, SpoolStatus, WriterStatus

NOW = 1_790_000_000_000


def rule(kind, **changed):
    return Rule(**{"name": "r", "kind": kind, "meters": ("a", "b"), **changed})


def facts(**known):
    return Facts(**{"now": NOW, "status": None, "values": {}, **known})


def active(given, known, standing=()):
    return {seen.subject: seen.active for seen in look(given, known, lambda subject: subject in standing)}


def status(**states):
    meters = tuple(MeterStatus(name, "l", "m", 1.0, state) for name, state in states.items())
    return CollectorStatus(NOW, NOW, "0", 1, "s", meters, (), SpoolStatus(), WriterStatus(), ClockStatus())


def test_a_threshold_has_hysteresis():
    over = rule("threshold", quantity="voltage_l1_n", above=250.0, hysteresis=5.0)
    known = facts(values={("a", "voltage_l1_n"): Newest(NOW, 247.0)})
    assert active(over, known) == {"a": False, "b": None}
    assert active(over, known, standing=("a",)) == {"a": True, "b": None}


def test_a_missing_value_is_not_below_a_threshold():
    under = rule("threshold", quantity="voltage_l1_n", below=200.0)
    assert active(under, facts(values={("a", "voltage_l1_n"): Newest(NOW, None)})) == {"a": None, "b": None}


def test_a_rate_needs_the_change_over_its_time():
    fast = rule("rate", quantity="active_power_total", above=1000.0, per=600.0)
    known = facts(changes={("a", "active_power_total", 600.0): 1500.0, ("b", "active_power_total", 60.0): 9e9})
    assert active(fast, known) == {"a": True, "b": None}


def test_absence_is_a_value_that_is_too_old_or_missing():
    absent = rule("absence", quantity="frequency", lasting=60.0)
    known = facts(
        status=status(a="ok", b="ok"),
        values={("a", "frequency"): Newest(NOW - 59_000, 50.0), ("b", "frequency"): Newest(NOW - 61_000, 50.0)},
    )
    assert active(absent, known) == {"a": False, "b": True}


def test_silence_of_a_meter_and_of_the_collector():
    assert active(rule("silent"), facts(status=status(a="silent", b="ok", c="silent"))) == {"a": True, "b": False}
    assert active(rule("silent"), facts(status=status(a="starting"))) == {}
    assert active(rule("silent"), facts()) == {"a": True, "b": True}


def test_events_of_counters_and_cameras_happen_once():
    known = facts(events=[Event(NOW, "counter_reset", "set to zero", "a"), Event(NOW, "camera_refused", "dark", "b")])
    assert active(rule("counter"), known) == {f"a {NOW}": True}
    assert active(rule("camera"), known) == {f"b {NOW}": True}
    assert active(rule("counter", meters=("b",)), known) == {}


def test_what_the_doctor_finds():
    known = facts(
        findings=[attention("disk", "full soon", "remove"), fine("backup", "there"), wrong("store", "gone", "start")]
    )
    assert active(rule("disk"), known) == {"disk": True}
    assert active(rule("backup"), known) == {"backup": False}
    assert active(rule("health"), known) == {"store": True}
    prices = [attention("prices of spot", "cannot be read", "look")]
    assert active(rule("prices"), facts(findings=prices)) == {"prices of spot": True}
    assert active(rule("health"), facts(findings=prices)) == {}
    assert active(rule("backup"), facts(findings=[skipped("backup", "no stick")])) == {"backup": None}


@pytest.mark.parametrize(
    "subject", ["disk", "card", "disk of the system", "backup", "second copy", "meter a", "store", "prices of spot"]
)
def test_what_is_wrong_is_told_by_one_rule_of_those_that_every_logger_has(subject):
    known = facts(findings=[wrong(subject, "broken", "mend it")], status=status(a="silent", b="ok"))
    told = [one.name for one in defaults(("a", "b"), ()) for seen in look(one, known, lambda _: False) if seen.active]
    by_doctor = [name for name in told if name != "meter-silent"]
    assert len(by_doctor) == (0 if subject.startswith("meter") else 1)
    assert "meter-silent" in told


@pytest.mark.parametrize("kind", ["quality", "anomaly"])
def test_what_calculations_say(kind):
    judged = [Judged("a", "voltage_l1", True, "high"), Judged("c", "x", True, "not ours")]
    known = facts(**{"quality" if kind == "quality" else "anomalies": judged})
    assert active(rule(kind), known) == {"a voltage_l1": True}
    assert active(rule(kind), facts()) == {}


def test_every_kind_of_the_issue_is_there():
    wanted = {"threshold", "rate", "absence", "anomaly", "quality", "silent", "counter", "disk", "backup", "camera"}
    assert wanted <= set(KINDS)
