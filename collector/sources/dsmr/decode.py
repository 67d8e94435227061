"""Finds the P1 telegrams in bytes that a meter sent, plain or encrypted (DSMR 5.0.2 P1, section 6; ESMR 5).

A telegram is a read-out of IEC 62056-21 in mode D with a CRC behind its end; only DSMR 2 and 3 have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from collector.devices.obis import PART, QUANTITY, short
from collector.sources.dsmr.frame import Frame, frames
from collector.sources.dsmr.key import Key
from collector.sources.iec62056.characters import ETX, SUBSTITUTE
from collector.sources.iec62056.decode import NO_CHECK
from collector.sources.iec62056.decode import decode as decode_lines
from collector.sources.telegram import Telegram, Value

#: What only meters say that send a CRC, too: their version (DSMR 4 and later, Fluvius), and what time it is.
_LATER = frozenset(("1-3:0.2.8", "0-0:96.1.4", "0-0:1.0.0"))
#: No telegram has a block from STX to ETX, whose check of eight bits would prove less than the CRC.
_NO_BLOCKS = bytes.maketrans(bytes([ETX]), bytes([SUBSTITUTE]))
#: STX is part of the identification of an Irish meter; anywhere else it is damage, and no block begins there.
_STRAY_STX = re.compile(rb"(?<!/[A-Za-z]{3}.)\x02|\x02(?=[^\r\n]{0,80}/)")
NO_KEY = "it is encrypted and there is no key to read it"
WRONG_KEY = "it is encrypted and its authentication tag is wrong: another key, or damaged"
CUT = "it is encrypted and was cut off"
EMPTY = "it is encrypted and nothing is in it"
BESIDE = "beside it stand bytes that belong to no telegram"
NO_CRC = "its CRC is missing: meters that tell their version or the time send one"
NO_VALUES = "it says nothing"
DAMAGED = "it has no CRC, and a line is not as meters write it"
_CODE = re.compile(r"\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:\*\d{1,3})?")
#: The counter of another meter on an M-Bus channel; DSMR 2 and 3 name it in a bracket, and its unit in the next.
_CHANNEL = re.compile(r"0-[1-9]:24\.[0-9]\.[0-9]")
_NUMBER = re.compile(r"\d{1,16}")


def decode(data: bytes, key: Key | None = None) -> list[Telegram]:
    """Every telegram in these bytes, in order. Never raises; the work is linear in the length."""
    if next(frames(data), None) is None:
        return _plain(data)
    pieces = list(_pieces(data, key))
    found = [telegram for telegram, beside in pieces if not beside]
    if len(found) < len(pieces):
        found[-1] = replace(found[-1], problems=(*found[-1].problems, BESIDE))
    return found


def _pieces(data: bytes, key: Key | None) -> Iterator[tuple[Telegram, bool]]:
    """What is in the frames, and between them; True for what stands beside telegrams and is none."""
    at = 0
    for frame, after in pairwise(chain(frames(data), (None,))):
        if frame is None or frame.start < at:
            continue
        yield from ((telegram, not telegram.complete) for telegram in _plain(data[at : frame.start]))
        telegrams = _decrypted(frame, len(data), key)
        yield from ((telegram, False) for telegram in telegrams)
        # One that lost bytes reaches over the next.
        at = frame.end if telegrams[0].complete else min(frame.end, after.start if after else len(data))
    yield from ((telegram, not telegram.complete) for telegram in _plain(data[at:]))


def _decrypted(frame: Frame, size: int, key: Key | None) -> list[Telegram]:
    """At least one telegram, or why there is none. `size`: of the data in which the frame is."""
    if key is None:
        return [Telegram("", (), False, (NO_KEY,))]
    if frame.end > size:
        return [Telegram("", (), False, (CUT,))]
    text = key.open(frame)
    if text is None:
        return [Telegram("", (), False, (WRONG_KEY,))]
    return _plain(text) or [Telegram("", (), False, (EMPTY,))]


def _plain(data: bytes) -> list[Telegram]:
    text = _STRAY_STX.sub(bytes([SUBSTITUTE]), data.translate(_NO_BLOCKS))
    return [_judged(telegram) for telegram in decode_lines(text)]


def _judged(telegram: Telegram) -> Telegram:
    """Nothing of a telegram is believed that is not whole: what is damaged in it may be anywhere."""
    if NO_CHECK in telegram.problems and any(value.code in _LATER for value in telegram.values):
        return _refused(telegram, NO_CRC)
    if telegram.complete and not telegram.values:
        return _refused(telegram, NO_VALUES)
    if telegram.complete and NO_CHECK in telegram.problems and not _as_written(telegram):
        return _refused(telegram, DAMAGED)
    return replace(telegram, values=tuple(_named(telegram.values)) if telegram.complete else ())


def _refused(telegram: Telegram, problem: str) -> Telegram:
    return replace(telegram, values=(), complete=False, problems=(*telegram.problems, problem))


def _as_written(telegram: Telegram) -> bool:
    """True where characters and codes are possible, and every value of electricity a number with its unit, said once.

    Without a CRC (DSMR 2 and 3) nothing else shows that a telegram was damaged: where one line was, another may be.
    """
    values = telegram.values
    measured = [value for value in values if (short(value.code) or "") in (QUANTITY | PART)]
    texts = [value.value for value in values if isinstance(value.value, str)] + [value.unit for value in values]
    return (
        all(text.isascii() and text.isprintable() for text in (telegram.identification, *texts))
        and not any(sign in text for text in texts for sign in "()*/!")
        and all(_CODE.fullmatch(value.code) for value in values)
        and all(isinstance(value.value, float) and value.unit.isalpha() for value in measured)
        and len({value.code for value in measured}) == len(measured)
    )


def _named(values: Sequence[Value]) -> Iterator[Value]:
    """DSMR 2 and 3 name the counter of a channel and its unit in brackets; the number stands in the next line."""
    counter, unit = "", ""
    for before, value in zip((Value("", None, None), *values), values, strict=False):
        if isinstance(before.value, str) and _CHANNEL.fullmatch(before.value) and before.code == value.code:
            counter, unit = before.value, str(value.value or "")
            yield value
        elif counter and value.code == before.code and (number := _number(value)) is not None:
            yield Value(counter, None, number, unit)
            counter = ""
        else:
            yield value


def _number(value: Value) -> float | None:
    if isinstance(value.value, str):
        return float(value.value) if _NUMBER.fullmatch(value.value) else None
    return value.value
