"""Looks for meters that are no Modbus meters: some speak by themselves, others answer to their own call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings
from collector.errors import BadAnswer, NoAnswer, UsageError
from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel
from collector.sources.cirbus import queries as cirbus
from collector.sources.cirbus.commands import IDENTIFY
from collector.sources.cirbus.line import CirbusLine
from collector.sources.decoding import decode
from collector.sources.dlt645 import queries as dlt645
from collector.sources.dlt645.line import Dlt645Line, find_address
from collector.sources.factory import open_channel
from collector.sources.iec62056 import queries as optical
from collector.sources.iec62056.line import Caller, OpticalLine
from collector.sources.modbus.scan import Candidate
from collector.sources.search import Match, Way
from collector.sources.telegram import Telegram

#: How long nobody is heard before the next speed is tried, and how long a telegram may take, s.
SILENT, TELEGRAM = 4.0, 12.0
MOST_BYTES = 65536
#: Addresses that a meter on a line of its own has.
CIRBUS_UNITS = range(1, 5)
#: (baud, protocols that meters speak at it by themselves, each with the name of its decoder).
_SPEAKING = (
    (9600, (("sml", "sml"), ("dsmr", "dsmr"), ("iec62056-21-push", "iec62056-21"))),
    (115200, (("dsmr", "dsmr"), ("sml", "sml"))),
)


def other_ways(line: LineSettings, ticker: Ticker) -> list[Way]:
    """First nobody is asked: what speaks by itself is heard. Then each protocol's own call."""
    heard = [Way(f"listening at {baud}", _hearing(replace(line, baud=baud, frame="8N1"), spoken, ticker))
             for baud, spoken in _SPEAKING]  # fmt: skip
    editions = [_spoken(line, edition) for edition in ("dlt645-2007", "dlt645-1997")]
    return [
        *heard,
        Way("IEC 62056-21 300 7E1", _optical(_spoken(line, "iec62056-21"), ticker)),
        Way("Cirbus 9600 8N1", _cirbus(_spoken(line, "cirbus"), ticker)),
        *(Way(f"DL/T 645 {each.baud} {each.frame}", _dlt645(each, ticker)) for each in editions),
    ]


def _spoken(line: LineSettings, protocol: str) -> LineSettings:
    usual = PROTOCOLS[protocol]
    return replace(line, baud=usual.baud, frame=usual.frame, protocol=protocol)


def _hearing(
    line: LineSettings, spoken: tuple[tuple[str, str], ...], ticker: Ticker
) -> Callable[[Callable[[float], None]], Iterator[Match]]:
    def look(progress: Callable[[float], None]) -> Iterator[Match]:
        heard = b""
        with closing(open_channel(line, _nothing)) as channel:
            channel.connect()
            for heard in _lumps(channel, ticker, progress):
                for protocol, decoder in spoken:
                    telegram = decode(decoder, heard)
                    if telegram.complete and telegram.values and _is_likely(protocol, telegram):
                        frame = PROTOCOLS[protocol].frame
                        found = replace(line, frame=frame, protocol=protocol)
                        why = (f"it sends by itself: {len(telegram.values)} values",)
                        yield Match(found, "", None, telegram.identification, _generic(protocol, 0.9, why))
                        return
        if heard:
            raise BadAnswer(f"{len(heard)} bytes were heard that no protocol explains", "noise")

    return look


def _is_likely(protocol: str, telegram: Telegram) -> bool:
    """P1 and mode D are alike; only P1 tells of its channels and its plate (0-0:96.1.1, 0-0:96.14.0)."""
    return protocol != "dsmr" or any(value.code.startswith("0-0:") for value in telegram.values)


def _lumps(channel: Channel, ticker: Ticker, progress: Callable[[float], None]) -> Iterator[bytes]:
    """All that was heard so far, whenever the sender pauses."""
    heard, began = b"", ticker.monotonic()
    while (past := ticker.monotonic() - began) < (TELEGRAM if heard else SILENT) and len(heard) < MOST_BYTES:
        progress(past / TELEGRAM)
        more = channel.receive(0.3)
        heard += more
        if heard and not more:
            yield heard


def _optical(line: LineSettings, ticker: Ticker) -> Callable[[Callable[[float], None]], Iterator[Match]]:
    def look(progress: Callable[[float], None]) -> Iterator[Match]:
        shared = OpticalLine(line, open_channel(line, optical.permit), ticker)
        shared.on_turn(lambda: progress(0.5))
        with closing(shared), suppress(NoAnswer, BadAnswer):
            who = shared.sign_on(Caller()).who
            why = (f'it says "{who.text}", mode {who.mode}',)
            yield Match(line, "", None, who.text, _generic("iec62056-21", 0.9, why))

    return look


def _dlt645(line: LineSettings, ticker: Ticker) -> Callable[[Callable[[float], None]], Iterator[Match]]:
    def look(progress: Callable[[float], None]) -> Iterator[Match]:
        shared = Dlt645Line(line, open_channel(line, dlt645.permit), ticker)
        with closing(shared):
            address = find_address(shared)
        if address is not None:
            why = ("it tells its address",)
            yield Match(line, "address", address, "", _generic(line.protocol, 0.9, why))

    return look


def _cirbus(line: LineSettings, ticker: Ticker) -> Callable[[Callable[[float], None]], Iterator[Match]]:
    def look(progress: Callable[[float], None]) -> Iterator[Match]:
        shared = CirbusLine(replace(line, timeout=0.6), open_channel(line, cirbus.permit), ticker)
        with closing(shared):
            for number, unit in enumerate(CIRBUS_UNITS):
                progress(number / len(CIRBUS_UNITS))
                with suppress(NoAnswer, BadAnswer):
                    version = shared.ask(unit, IDENTIFY).content.strip()
                    why = (f'it says "{version}"',)
                    yield Match(line, "unit", unit, version, (Candidate("circutor-cvmk", 0.8, why),))

    return look


def _generic(protocol: str, score: float, why: tuple[str, ...]) -> tuple[Candidate, ...]:
    return (Candidate(f"generic-{protocol}", score, why),)


def _nothing(frame: bytes) -> None:
    raise UsageError(f"{len(frame)} bytes would be sent", "nobody is asked here")
