"""Reads the parameters of a request and refuses what cannot be meant, before anything is asked of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from collector.config.settings import StoreSettings
from collector.errors import UsageError
from collector.model.quantity import QUANTITIES
from collector.model.series import Resolution
from collector.web.meters import Expected
from collector.web.span import Span, allowed, between, instant, resolution_for

#: More lines than this nobody can tell apart.
MOST_QUANTITIES = 24

Arguments = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What of which meter, when, and how fine."""

    meter: Expected
    quantities: tuple[str, ...]
    span: Span
    resolution: Resolution


def quantities(arguments: Arguments, meter: Expected) -> tuple[str, ...]:
    """The named quantities without doubles, at least one; UsageError for unknown ones."""
    names = tuple(dict.fromkeys(arguments.getlist("quantity")))
    if not names:
        example = next(iter(meter.quantities), "frequency")
        raise UsageError("quantity: none is named", f"add for example &quantity={example}")
    if len(names) > MOST_QUANTITIES:
        raise UsageError(f"quantity: {len(names)} are too many", f"ask for at most {MOST_QUANTITIES} at once")
    for name in names:
        if name not in QUANTITIES:
            raise UsageError(f"quantity: there is no quantity {name[:60]!r}", "/api/quantities lists them all")
    return names


def _required(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if value is None:
        raise UsageError(f"{name} is missing", "write it like 2026-11-20T08:00:00Z or as UTC milliseconds")
    return value


def span(arguments: Arguments) -> Span:
    """[from, to) of the request."""
    return between(instant(_required(arguments, "from"), "from"), instant(_required(arguments, "to"), "to"))


def resolution(arguments: Arguments) -> Resolution | None:
    """The resolution that is asked for, None where the choice is ours."""
    asked = arguments.get("resolution")
    known: Sequence[str] = [each.value for each in Resolution]
    if asked is not None and asked not in known:
        raise UsageError(f"resolution: there is no {asked[:20]!r}", f"one of {', '.join(known)}")
    return Resolution(asked) if asked else None


def question(arguments: Arguments, meter: Expected, store: StoreSettings, now: int, streamed: bool = False) -> Question:
    """The whole question; UsageError says what is wrong with it. `streamed`: the answer may be of any length."""
    names, asked, when = quantities(arguments, meter), resolution(arguments), span(arguments)
    chosen = asked or resolution_for(when, meter.every, store, now)
    if not (streamed and chosen is Resolution.RAW):
        allowed(when, chosen, meter.every)
    return Question(meter, names, when, chosen)


def limit(arguments: Arguments) -> int:
    """How many rows, 1 to 1000; 100 where nothing is said."""
    asked = arguments.get("limit", "100")
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= 1000):
        raise UsageError(f"limit: {asked[:20]!r} is not between 1 and 1000", "leave it out for 100")
    return int(asked)
