"""Says what an alert rule is, and how its kinds see what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.insight.alerts.facts import Facts, Judged
from collector.model.finding import PRICES, Finding, State
from collector.model.quantity import QUANTITIES

#: Kinds of events that mean that a counter does not simply go on.
COUNTER_EVENTS = frozenset({"counter_reset", "counter_rollover", "counter_scale", "meter_swap", "tariff_exchange"})
CAMERA_EVENTS = frozenset({"camera_refused"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the configuration.

    `meters`: those that it is about. `above`, `below`: bounds in the quantity's unit; of its change in `per` s for kind
    "rate"; `hysteresis`: by so much it must come back. `lasting`: s before it is told. `repeat`: s after which it is
    told again while it lasts (0: never). `quiet`: (from, to) in minutes of the site's day in which nothing is sent.
    """

    name: str
    kind: str
    meters: Sequence[str]
    quantity: str = ""
    above: float | None = None
    below: float | None = None
    hysteresis: float = 0.0
    per: float = 3600.0
    lasting: float = 0.0
    repeat: float = 86400.0
    quiet: tuple[int, int] | None = None
    send: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule sees of one subject. `active` None: not known, so nothing changes. `at_once`: happened, is over."""

    subject: str
    meter: str
    active: bool | None
    text: str
    at_once: bool = False


def look(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    """Everything that this rule sees; `standing(subject)` tells whether it was active before, for its hysteresis."""
    yield from KINDS[rule.kind](rule, facts, standing)


def _threshold(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    for meter in rule.meters:
        newest = facts.values.get((meter, rule.quantity))
        value = newest.value if newest else None
        yield _bounded(rule, meter, value, standing(meter), "is")


def _rate(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    for meter in rule.meters:
        change = facts.changes.get((meter, rule.quantity, rule.per))
        yield _bounded(rule, meter, change, standing(meter), f"changed within {rule.per:g} s by")


def _bounded(rule: Rule, meter: str, value: float | None, active: bool, word: str) -> Seen:
    """Once out of bounds, a value must come back by the hysteresis before that is over."""
    if value is None:
        return Seen(meter, meter, None, "")
    slack = rule.hysteresis if active else 0.0
    over = rule.above is not None and value > rule.above - slack
    under = rule.below is not None and value < rule.below + slack
    unit = QUANTITIES[rule.quantity].unit if rule.quantity in QUANTITIES else ""
    bound = f"above {rule.above:g}" if over else f"below {rule.below:g}" if under else "back in its bounds"
    return Seen(meter, meter, over or under, f"{meter}: {rule.quantity} {word} {value:.6g} {unit}, {bound}".rstrip())


def _absence(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    """A quantity that nobody has heard of for the rule's duration; `lasting` is that duration."""
    for meter in rule.meters:
        newest = facts.values.get((meter, rule.quantity))
        if newest is None and facts.status is None:
            yield Seen(meter, meter, None, "")
            continue
        absent = newest is None or newest.value is None or facts.now - newest.time > rule.lasting * 1000
        yield Seen(meter, meter, absent, f"{meter}: {rule.quantity} {'has no value' if absent else 'has values again'}")


def _silent(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    if facts.status is None:
        for meter in rule.meters:
            yield Seen(meter, meter, True, f"{meter}: the collector does not run")
        return
    for told in facts.status.meters:
        if told.name in rule.meters and told.state != "starting":
            gone = told.state != "ok"
            why = f" ({told.last_error})" if gone and told.last_error else ""
            yield Seen(
                told.name, told.name, gone, f"{told.name}: {'no believable answer' + why if gone else 'answers'}"
            )


def _happened(kinds: frozenset[str]) -> Callable[[Rule, Facts, Callable[[str], bool]], Iterator[Seen]]:
    def events(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
        for event in facts.events:
            if event.kind in kinds and (event.meter is None or event.meter in rule.meters):
                meter = event.meter or ""
                yield Seen(f"{meter} {event.time}", meter, True, event.message, at_once=True)

    return events


def _judged(pick: Callable[[Facts], Sequence[Judged] | None]) -> Callable[..., Iterator[Seen]]:
    def judged(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
        for each in pick(facts) or ():
            if each.meter in rule.meters:
                yield Seen(f"{each.meter} {each.subject}", each.meter, each.bad, each.text)

    return judged


#: Subjects of the doctor that have a kind of rule of their own; kind "silent" tells of meters.
_DISK = ("disk", "card", "disk of the system")
_BACKUP = ("backup", "second copy", "restore test")
_SILENT = "meter "


def _kind_of(finding: Finding) -> str:
    """The one kind of rule that tells of this finding."""
    if finding.subject.startswith(PRICES):
        return "prices"
    if finding.subject.startswith(_SILENT):
        return "silent"
    return "disk" if finding.subject in _DISK else "backup" if finding.subject in _BACKUP else "health"


def _found(kind: str) -> Callable[..., Iterator[Seen]]:
    """What the doctor finds that belongs to this kind, be it only something to look after."""

    def findings(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
        for finding in facts.findings or ():
            if _kind_of(finding) == kind:
                yield _seen(finding, finding.troubles)

    return findings


def _health(rule: Rule, facts: Facts, standing: Callable[[str], bool]) -> Iterator[Seen]:
    """Everything else that does not work: nothing is told by two kinds."""
    for finding in facts.findings or ():
        if _kind_of(finding) == "health":
            yield _seen(finding, finding.state is State.WRONG)


def _seen(finding: Finding, bad: bool) -> Seen:
    advice = f" – {finding.advice}" if finding.advice else ""
    active = None if finding.state is State.SKIPPED else bad
    return Seen(finding.subject, "", active, f"{finding.subject}: {finding.seen}{advice}")


#: Every kind a rule may have.
KINDS: Mapping[str, Callable[[Rule, Facts, Callable[[str], bool]], Iterator[Seen]]] = {
    "threshold": _threshold,
    "rate": _rate,
    "absence": _absence,
    "silent": _silent,
    "counter": _happened(COUNTER_EVENTS),
    "camera": _happened(CAMERA_EVENTS),
    "quality": _judged(lambda facts: facts.quality),
    "anomaly": _judged(lambda facts: facts.anomalies),
    "disk": _found("disk"),
    "backup": _found("backup"),
    "prices": _found("prices"),
    "health": _health,
}
