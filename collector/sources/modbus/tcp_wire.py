"""Speaks Modbus TCP: every answer carries the number of its request (Modbus messaging on TCP/IP 1.0b)."""

from __future__ import annotations

import random

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, GatewayDown, NoAnswer
from collector.model.ports import Ticker
from collector.sources.channel.tcp_socket import TcpSocket
from collector.sources.modbus import mbap
from collector.sources.modbus.queries import Query
from collector.sources.modbus.wire import Answer


class TcpWire:
    """MBAP frames on one connection, which is given up as soon as it cannot be trusted."""

    numbered = True

    def __init__(self, line: LineSettings, channel: TcpSocket, timeout: float, ticker: Ticker) -> None:
        self.line = line
        self._channel = channel
        self._timeout = timeout
        self._ticker = ticker
        self._stream = bytearray()
        # A random start, so that a restarted collector does not take the answers meant for the one before it.
        self._transaction = random.randrange(0x10000)
        self._last = ticker.monotonic() - line.gap

    @property
    def target(self) -> str:
        """Host and port."""
        return self._channel.target

    def close(self) -> None:
        """Closes the connection; the next exchange opens it again."""
        self._channel.close()

    def exchange(self, query: Query, timeout: float | None = None) -> Answer:
        """See Wire."""
        self._wait()
        self._ready()
        self._transaction = (self._transaction + 1) & 0xFFFF
        try:
            self._channel.send(mbap.wrap(self._transaction, query))
            return self._listen(query, self._timeout if timeout is None else timeout)
        finally:
            self._last = self._ticker.monotonic()

    def _wait(self) -> None:
        left = self._last + self.line.gap - self._ticker.monotonic()
        if left > 0:
            self._ticker.sleep(left)

    def _ready(self) -> None:
        """Opens the connection, again if the other side closed it while nothing was asked (many meters do)."""
        if self._channel.open:
            try:
                self._stream += self._channel.receive(0)
            except GatewayDown:
                self._channel.close()
        if not self._channel.open:
            self._stream.clear()
            self._channel.connect()

    def _listen(self, query: Query, timeout: float) -> Answer:
        sent = now = self._ticker.monotonic()
        until = sent + timeout
        # What has come is looked at before the clock is; but foreign frames may come for as long as they like.
        while (lump := self._channel.receive(until - now)) or now < until:
            boot_ns, now = self._ticker.boot_ns(), self._ticker.monotonic()
            self._stream += lump
            pdu = self._judged(query)
            if pdu is not None:
                return Answer(pdu, boot_ns, now - sent)
            if now > until + timeout:
                break
        self._channel.close()
        raise NoAnswer(f"unit {query.unit} was silent for {timeout * 1000:.0f} ms", "is the meter on, is unit right?")

    def _judged(self, query: Query) -> bytes | None:
        """The answer if it is in the stream; frames with another number are late or foreign and are skipped."""
        try:
            while (frame := mbap.take(self._stream)) is not None:
                transaction, unit, pdu = frame
                if transaction == self._transaction:
                    return mbap.judge(unit, pdu, query)
        except BadAnswer:
            self._channel.close()
            raise
        return None
