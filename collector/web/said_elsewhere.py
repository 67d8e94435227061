"""Translates what other rooms say in English: single words, and sentences with a value in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from collector.web.language import SOURCE, gettext, language, marked

#: How a meter, the storing, or a value does.
STATES = (
    marked("ok"), marked("silent"), marked("failing"), marked("starting"), marked("unknown"), marked("down"),
    marked("outdated"), marked("draining"), marked("good"), marked("stale"), marked("missing"), marked("none"),
)  # fmt: skip
#: What went wrong with a request, as it is counted.
ERRORS = (
    marked("no answer"), marked("bad answer"), marked("line"), marked("port missing"), marked("port busy"),
    marked("port denied"), marked("gateway down"), marked("device"), marked("crc"), marked("late"), marked("noise"),
)  # fmt: skip
#: Kinds of events.
EVENTS = (
    marked("counter reset"), marked("counter rollover"), marked("meter swap"), marked("counter scale"),
    marked("clock moved"), marked("clock"), marked("backup"), marked("setting"), marked("tariff exchange"),
    marked("prices"), marked("clock trusted"), marked("meter restarted"), marked("meter settings"),
    marked("camera refused"), marked("camera reads again"), marked("backup failed"), marked("backup copy failed"),
    marked("restore test failed"),
)  # fmt: skip
#: What the machine is made of.
FACTS = (marked("System"), marked("Python"), marked("Phaselog"), marked("Store"))
#: What the doctor looks at.
SUBJECTS = (
    marked("collector"), marked("store"), marked("storing"), marked("spool"), marked("disk"), marked("software"),
    marked("packages"), marked("configuration"), marked("schema"), marked("power"), marked("page"), marked("updates"),
    marked("watchdog"), marked("maintenance"), marked("release"), marked("services"), marked("time zone"),
    marked("database accounts"), marked("database port"), marked("restart"), marked("examination"),
    marked("line %(name)s"), marked("meter %(name)s"), marked("map of %(name)s"), marked("account %(name)s"),
    marked("service %(name)s"), marked("prices of %(name)s"),
)  # fmt: skip
#: What it sees, as sentences with their values. Each is looked for as a whole; the longest comes first.
SENTENCES = (
    marked("last reading %(age)s s ago, %(count)s since start, %(missed)s slots missed"),
    marked("%(hand)s readings in hand, %(disk)s waiting on disk"),
    marked("%(hand)s readings in hand, %(disk)s waiting on disk, %(lost)s given up"),
    marked("%(hand)s readings in hand, %(disk)s waiting on disk, %(lost)s given up, full"),
    marked("%(count)s readings stored since start"),
    marked("runs (process %(process)s, version %(version)s)"),
    marked("does not run"),
    marked("answers"),
    marked("hangs"),
    marked("current"),
    marked("as tested"),
    marked("has not been read yet"),
    marked("nothing is stored yet"),
    marked("line %(name)s is not open"),
    marked("new in the configuration: systemctl restart phaselog-collector"),
    marked("readings that waited are being stored"),
    marked("the store is down, readings wait in the spool: %(why)s"),
    marked("the store is down, readings wait in the spool"),
    marked("the store refuses readings, they wait in the spool: %(why)s"),
    marked("the store's schema is outdated, they wait in the spool: %(why)s"),
    marked("%(target)s, in use %(share)s%%"),
    marked("%(target)s is not open"),
    marked("trusted, from %(source)s"),
    marked("not trusted yet (Phaselog itself is of %(date)s): times will be estimated"),
    marked("%(size)s free at %(folder)s"),
    marked("silent, %(why)s"),
    marked("failing, %(why)s"),
    marked("is let in, and may do what it should and no more"),
    marked("strong enough since boot"),
    marked("is under way: look again in a moment"),
    marked("days are those of %(zone)s"),
    marked("answers at %(address)s"),
    marked("cannot be read since %(time)s: %(why)s; none is known for now"),
    marked("cannot be read since %(time)s: %(why)s"),
    marked("none is known for now, last read %(time)s"),
    marked("read %(time)s"),
    marked("have not been asked for yet"),
)
#: What people did.
DONE = (
    marked("%(name)s: login, from %(place)s"),
    marked("%(name)s: password set by one-time code, from %(place)s"),
    marked("%(name)s: password changed, from %(place)s"),
    marked("login as %(name)s refused, from %(place)s"),
    marked("login as nobody refused, from %(place)s"),
    marked("a wrong one-time code was refused, from %(place)s"),
    marked("change of the password of %(name)s refused, from %(place)s"),
    marked("%(who)s has taken notice of %(rule)s: %(subject)s"),
    marked("%(who)s tries the channel %(channel)s"),
    marked("%(who)s set %(name)s (viewer)"),
    marked("%(who)s set %(name)s (admin)"),
    marked("%(who)s removed the key %(name)s"),
    marked("%(who)s removed %(name)s"),
    marked("%(who)s made the key %(name)s (reads)"),
    marked("%(who)s made the key %(name)s (reads and changes)"),
    marked("%(who)s said that %(meter)s was exchanged"),
    marked("%(who)s set up the camera of %(meter)s"),
    marked("%(who)s read %(text)s on %(picture)s of %(meter)s"),
)
#: What it advises.
ADVICE = (
    marked("look at power and wiring of the meter, its unit number and the speed of the line"),
    marked("answers come but are not believed: look at the wiring, the termination and the model"),
    marked(
        "look at [tariff.market]: does its address answer, and with a list of prices?"
        " Energy without a price is not in the bill"
    ),
    marked("see the store's line"),
    marked("nothing: it catches up by itself"),
    marked("bring the database back; what was given up is lost, see the events"),
    marked("they go to the database as soon as it takes them"),
    marked("the watchdog restarts the collector by itself"),
    marked("look at adapter and cable; `phaselog ports` lists what is there"),
    marked("connect it to the internet (NTP), add a clock chip, or `phaselog clock set`"),
    marked("make room, or let readings be kept for a shorter time"),
    marked("sudo systemctl start phaselog-collector, or by hand: phaselog run %(file)s"),
    marked("is MariaDB running? systemctl status mariadb; otherwise look at store.socket or store.host"),
)
_PLACE = re.compile(r"%\\\((\w+)\\\)s")


#: What the value of a place looks like, where that is known.
_LOOKS = {
    "bound": r"[+-]?[\d.]+(?:e[+-]?\d+)?",
    "quantity": r"\w+",
    "figure": r"\w+",
    "number": r"[+-]?[\d.]+(?:e[+-]?\d+)?(?: \w+)?",
    "time": r"[\w :-]+",
}


@cache
def patterns(texts: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(text, what it looks like with its values in it) of every sentence with values."""

    def place(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{_LOOKS.get(found[1], '.+?')})"

    return tuple(
        (text, re.compile(_PLACE.sub(place, re.escape(text).replace("%%", "%")), re.DOTALL))
        for text in texts
        if "%(" in text
    )


def said(text: str) -> str:
    """The text in the language of this request, also with values in it; what no catalogue knows stays as it is."""
    whole = gettext(text)
    if whole != text or language().code == SOURCE:
        return whole
    return filled(text, (*SUBJECTS, *SENTENCES, *ADVICE, *DONE)) or text


def filled(text: str, sentences: tuple[str, ...], written: Mapping[str, Callable[[str], str]] | None = None) -> str:
    """The one of these sentences that the text is, in the language of this request; nothing where it is none of them.

    `written`: what becomes of the value in a place of this name; others stay as they are.
    """
    if text in sentences:
        return gettext(text)
    for known, shape in patterns(sentences):
        if found := shape.fullmatch(text):
            ways = written or {}
            values = {name: ways[name](value) if name in ways else value for name, value in found.groupdict().items()}
            return gettext(known, **values)
    return ""
