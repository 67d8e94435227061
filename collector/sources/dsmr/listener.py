"""Hears one meter by its P1 port."""

from __future__ import annotations

from collector.devices.map import Model
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.coded import CodedValues
from collector.sources.dsmr.finder import P1Finder
from collector.sources.dsmr.lock import Lock
from collector.sources.pushed import PushListener


class DsmrListener(PushListener):
    """One meter on a channel of its own, of which nothing is ever asked."""

    def __init__(self, meter: str, model: Model, channel: Channel, ticker: Ticker, key: bytes | None = None) -> None:
        """`key`: opens encrypted telegrams, see `Lock`. Raises UsageError."""
        lock = Lock(key) if key else None
        super().__init__(meter, CodedValues(model), channel, ticker, lambda: P1Finder(lock))
