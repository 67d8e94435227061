"""Hears one meter through its customer port P1, joined at any point (DSMR 5.0.2 P1, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.dsmr.decode import decode
from collector.sources.dsmr.frame import HEADER, length_of
from collector.sources.dsmr.key import read_key
from collector.sources.iec62056 import push
from collector.sources.telegram import Value

#: Where meters say their own number: the Netherlands and Belgium, Hungary and Ireland.
_NUMBERS = ("0-0:96.1.1", "0-0:96.1.0")


class DsmrListener(push.PushListener):
    """The one meter of a line (implements model.ports.Listener). Nothing is ever sent."""

    def __init__(self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker) -> None:
        """Raises UsageError where `meter.key_file` is no key or nothing is there to decipher with."""
        key = read_key(meter.key_file) if meter.key_file else None
        speech = push.Speech(begin, partial(decode, key=key), serial_number)
        super().__init__(meter, model, channel, ticker, speech)


def begin(heard: bytearray, start: int) -> int | None:
    """Where the next telegram begins; not within an encrypted one, in which anything may stand."""
    own = HEADER.match(heard)
    length = length_of(own) if own else None
    if length:
        return length if len(heard) > length else None
    frame = HEADER.search(heard, max(1, start))
    line = push.begin(heard, start)
    return min((at for at in (frame.start() if frame else None, line) if at is not None), default=None)


def serial_number(values: Sequence[Value]) -> str | None:
    """The meter's number: digits and letters, which most meters write as hex digits of their ASCII codes."""
    said = {value.code: value.value for value in values if isinstance(value.value, str)}
    written = next((number for code in _NUMBERS if (number := said.get(code))), None)
    if written is None:
        return None
    try:
        text = bytes.fromhex(written).decode("ascii")
    except ValueError:
        return written
    return text if text.isprintable() and text.strip() else written
