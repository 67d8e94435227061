"""Hears one meter that sends SML by itself, joined at any point."""

from __future__ import annotations

from collections.abc import Sequence

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.iec62056.push import PushListener, Speech
from collector.sources.sml.decode import decode
from collector.sources.sml.transport import BEGIN
from collector.sources.telegram import Value

#: Where meters say their own number, newer ones first.
_NUMBERS = ("1-0:96.1.0*255", "1-0:0.0.9*255")


class SmlListener(PushListener):
    """The one meter of a line (implements model.ports.Listener). Nothing is ever sent."""

    def __init__(self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker) -> None:
        super().__init__(meter, model, channel, ticker, Speech(begin, decode, serial_number))


def begin(heard: bytearray, start: int) -> int | None:
    """Where, from `start` on, the next frame begins."""
    at = heard.find(BEGIN, max(1, start))
    return at if at >= 0 else None


def serial_number(values: Sequence[Value]) -> str | None:
    """The meter's number; None where it does not say one."""
    said = {value.code: value.value for value in values if isinstance(value.value, str)}
    return next((number for code in _NUMBERS if (number := said.get(code))), None)
