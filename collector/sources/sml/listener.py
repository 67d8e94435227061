"""Hears one meter that sends SML telegrams by itself."""

from __future__ import annotations

from collector.devices.map import Model
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.coded import CodedValues
from collector.sources.pushed import PushListener
from collector.sources.sml.finder import SmlFinder


class SmlListener(PushListener):
    """One meter on a channel of its own, of which nothing is ever asked."""

    def __init__(self, meter: str, model: Model, channel: Channel, ticker: Ticker) -> None:
        super().__init__(meter, CodedValues(model), channel, ticker, SmlFinder)
