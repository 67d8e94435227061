"""Says in a language what alerts and events say in English: their sentences, what they are about, and their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

from collector.model.quantity import QUANTITIES
from collector.web.camera_words import doubt
from collector.web.language import gettext, language, marked, speak
from collector.web.quality_view import name_of
from collector.web.said_elsewhere import filled, said
from collector.web.wording import MINUS, label

_WORDS = (
    marked("alert"), marked("still"), marked("over"), marked("note"), marked("test"),
    marked("day"), marked("week"), marked("month"),
    marked("spike"), marked("jump"), marked("drift"), marked("base load changed"), marked("stands still"),
    marked("was read wrongly before"), marked("counts from zero again"), marked("passed its highest value"),
    marked("goes on from another value (another meter, or it was set)"),
    marked("NTP"), marked("the battery-backed clock"), marked("a person"), marked("the system clock"),
)  # fmt: skip
#: What a counter did, where there is more to say of it.
_DID = (
    marked("passed its highest value, which is taken for %(number)s"),
    marked("goes on in another unit, what it says is taken %(number)s times from now on"),
    marked("goes on in steps of %(number)s, not of %(before)s"),
    marked("goes on where %(quantity)s stood"),
)
#: What rules tell; the longest of those that begin alike comes first.
_SENTENCES = (
    marked("%(meter)s: %(quantity)s is %(value)s, above %(bound)s"),
    marked("%(meter)s: %(quantity)s is %(value)s, below %(bound)s"),
    marked("%(meter)s: %(quantity)s is %(value)s, back in its bounds"),
    marked("%(meter)s: %(quantity)s changed within %(number)s s by %(value)s, above %(bound)s"),
    marked("%(meter)s: %(quantity)s changed within %(number)s s by %(value)s, below %(bound)s"),
    marked("%(meter)s: %(quantity)s changed within %(number)s s by %(value)s, back in its bounds"),
    marked("%(meter)s: %(quantity)s has no value"),
    marked("%(meter)s: %(quantity)s has values again"),
    marked("%(meter)s: the collector does not run"),
    marked("%(meter)s: no believable answer (%(why)s)"),
    marked("%(meter)s: no believable answer"),
    marked("%(meter)s: answers"),
    marked(
        "%(meter)s: %(figure)s: %(value)s %% of this %(word)s within the limits of %(title)s, %(bound)s %% are wanted"
    ),
    marked("%(meter)s: %(quantity)s: %(word)s, %(value)s on the mean since %(time)s, %(number)s kWh so far"),
    marked("%(meter)s: %(quantity)s: %(word)s, %(value)s on the mean since %(time)s"),
    marked("%(meter)s: %(quantity)s is as usual again"),
    marked("%(meter)s: %(quantity)s %(did)s: %(before)s, now %(value)s; %(number)s counted in between"),
    marked("%(meter)s: the meter was restarted"),
    marked("%(meter)s: the settings of the meter were changed"),
    marked("%(meter)s: a meter with another serial number answers"),
    marked("%(meter)s: %(number)s pictures in a row do not count; the last: %(why)s"),
    marked("%(meter)s: its display is read again after %(number)s pictures that did not count"),
    marked("The time is known from %(word)s"),
    marked("The clock was set forward by %(number)s s: %(word)s corrects %(other)s"),
    marked("The clock was set back by %(number)s s: %(word)s corrects %(other)s"),
    marked("The time became known: readings with estimated time were moved to it"),
    marked("the prices of %(name)s can be read again"),
    marked("the prices of %(name)s cannot be read: %(why)s"),
    marked("Backup: %(why)s"),
    marked("Second copy: %(why)s"),
    marked("Restore test: %(why)s"),
    marked("%(who)s tries this channel"),
    marked("%(number)s messages, first"),
    marked("rule %(rule)s"),
    marked("... and %(number)s more; the page lists them all."),
)  # fmt: skip
_COMES_AND_GOES = marked("(it comes and goes: no more of it until it has kept quiet)")
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d+)(?:\.(?P<rest>\d+))?")
#: Where one sentence ends and the next of the same meter begins; one of a counter has such a mark within itself.
_NEXT = re.compile(r"; (?!(?:\S+ ){1,2}counted in between|the last: )")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


class Tongue:
    """Implements `Tongue` of notices in one language; used by several threads."""

    def __init__(self, code: str) -> None:
        self._code = code

    def said(self, text: str) -> str:
        """What stands in English, in this language."""
        speak(self._code)
        return alert_text(text)

    def time(self, at: datetime) -> str:
        """A moment as its country writes it."""
        speak(self._code)
        return _moment(at)


def alert_text(text: str) -> str:
    """The text of an alert or event in the language of this request; what no catalogue knows stays as it is."""
    body, ends, _ = text.partition(f" {_COMES_AND_GOES}")
    found = _sentences(body) or _finding(body)
    return " ".join((found, gettext(_COMES_AND_GOES))) if ends else found


def _sentences(text: str) -> str:
    """Of one meter several things may have happened at once."""
    first, *more = _NEXT.split(text)
    meter = first.partition(": ")[0]
    found = [_sentence(first), *(_sentence(f"{meter}: {each}").removeprefix(f"{meter}: ") for each in more)]
    return "; ".join(found) if all(found) else _sentence(text)


def _sentence(text: str) -> str:
    return filled(text, (*_WORDS, *_SENTENCES), _VALUES)


def _did(text: str) -> str:
    return filled(text, _DID, _VALUES) or gettext(text)


def _finding(text: str) -> str:
    """What the doctor found: subject, what was seen, what to do."""
    subject, told, rest = text.partition(": ")
    seen, advised, advice = rest.partition(" – ")
    if not told:
        return said(text)
    return f"{said(subject)}: {said(seen)}" + (f" – {said(advice)}" if advised else "")


def _why(text: str) -> str:
    """What a line, a file or a picture is refused for."""
    found = said(text)
    return doubt(text) if found == text else found


def _number(text: str) -> str:
    """Every number in it as the country writes it, units as they are."""

    def written(found: re.Match[str]) -> str:
        sign = found["sign"].replace("-", MINUS)
        return sign + found["whole"] + (language().decimal_mark + found["rest"] if found["rest"] else "")

    return _NUMBER.sub(written, text)


def _time(text: str) -> str:
    found = _TIME.search(text)
    return _moment(datetime.fromisoformat(found[0])) if found else text


def _moment(at: datetime) -> str:
    return f"{language().date(at)}, {language().time(at)}"


def _quantity(name: str) -> str:
    return label(name) if name in QUANTITIES else name


@cache
def _known_figures() -> frozenset[str]:
    phases = ("l1", "l2", "l3")
    return frozenset((*(f"{name}_{phase}" for name in ("voltage", "voltage_thd") for phase in phases),
                      "frequency", "voltage_unbalance", "current_unbalance"))  # fmt: skip


def _figure(name: str) -> str:
    return name_of(name) if name in _known_figures() else name


#: What becomes of a value, by the name of its place.
_VALUES: Mapping[str, Callable[[str], str]] = {
    "quantity": _quantity, "figure": _figure, "value": _number, "bound": _number, "number": _number,
    "before": _number, "word": gettext, "did": _did, "other": gettext, "title": gettext, "time": _time, "why": _why,
}  # fmt: skip
