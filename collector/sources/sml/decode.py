"""Says what SML telegrams tell: values by OBIS code, believed only where every check is right (SML 1.04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from collector.devices.obis import quantity
from collector.sources.sml import units
from collector.sources.sml.messages import GET_LIST_RESPONSE, Check, Entry, Message, ValueList, messages, value_list
from collector.sources.sml.server import KERMIT_MAKERS, Server, server, text
from collector.sources.sml.tlv import Number, TlvError
from collector.sources.sml.transport import Frame, frames
from collector.sources.telegram import Telegram, Value

KERMIT = "it is checked by CRC-16/KERMIT instead of the standard's X.25, as some meters of this maker do"
OTHERS = "it holds lists of other meters, too: they were left out"
#: Where meters say who made them and who they are, if the list itself does not (EN 13757 and EDL21 codes).
_MAKER = ("129-129:199.130.3*255", "1-0:96.50.1*1")
_NUMBER = ("1-0:96.1.0*255", "1-0:0.0.9*255")


@dataclass(frozen=True, slots=True)
class Piece:
    """A telegram, or the fragment of one. `serial`: who the meter is; `reason`: one word for what is not believed."""

    telegram: Telegram
    serial: str = ""
    reason: str = ""
    fragment: bool = False


def decode(data: bytes) -> list[Telegram]:
    """Every telegram in these bytes, in order. Never raises; the work is linear in the length."""
    pieces = [read(frame) for frame in frames(data)]
    if not any(piece.telegram.complete for piece in pieces):
        return [piece.telegram for piece in pieces]
    found: list[Telegram] = []
    before: tuple[str, ...] = ()
    for piece in pieces:
        if not piece.fragment:
            found.append(_with(piece.telegram, *before))
            before = ()
        elif found:
            found[-1] = _with(found[-1], f"behind it: {_first(piece)}")
        else:
            before = (f"before it: {_first(piece)}",)
    return found


def read(frame: Frame) -> Piece:
    """What one frame says."""
    if frame.payload is None:
        return _refused(frame.problem, frame.reason, fragment=frame.fragment)
    try:
        return _read(frame.payload, frame.problem)
    except TlvError as error:
        problem = frame.problem or f"its check is right, but it is built wrong: {error}"
        return _refused(problem, frame.reason or "structure")


def _read(payload: bytes, doubt: str) -> Piece:
    """`doubt`: why this is only to be believed of a maker that computes its checks in another way."""
    heard = list(messages(payload))
    lists = [value_list(message.body) for message in heard if message.tag == GET_LIST_RESPONSE]
    if not lists:
        return _refused(doubt or "there is no list of values in it", "crc" if doubt else "no_values")
    own = [one for one in lists if one.server in (b"", lists[0].server)]
    who = _who(own)
    wrong = doubt if who.maker not in KERMIT_MAKERS else ""
    wrong = wrong or next((_wrong(one) for one in heard if not _right(one, who)), "")
    if wrong:
        return _refused(wrong, "crc")
    entries = [entry for one in own for entry in one.entries]
    kermit = doubt or any(message.check is Check.KERMIT for message in heard)
    problems = [KERMIT] if kermit else []
    problems += [OTHERS] if len(own) < len(lists) else []
    problems += [problem for entry in entries for problem in _odd(entry, who)]
    telegram = Telegram(_identification(who), tuple(_value(entry, who) for entry in entries), True, tuple(problems))
    return Piece(telegram, who.text, "sign" if any(who.doubts(entry) for entry in entries) else "")


def _right(message: Message, who: Server) -> bool:
    return message.check is Check.RIGHT or (message.check is Check.KERMIT and who.maker in KERMIT_MAKERS)


def _wrong(message: Message) -> str:
    return f"wrong CRC of a message: {message.computed:04X} computed, {message.stated:04X} stands there"


def code(name: bytes) -> str:
    """The six bytes of an OBIS code as text: 1-0:1.8.0*255."""
    a, b, c, d, e, f = name
    return f"{a}-{b}:{c}.{d}.{e}*{f}"


def _who(lists: Sequence[ValueList]) -> Server:
    said = {code(entry.name): entry.value for one in lists for entry in one.entries if isinstance(entry.value, bytes)}
    maker = next((text(said[name]) for name in _MAKER if said.get(name)), "")
    number = next((one.server for one in lists if one.server), b"")
    return server(number or next((said[name] for name in _NUMBER if said.get(name)), b""), maker)


def _identification(who: Server) -> str:
    return f"{who.maker} {who.text}".strip()


def _odd(entry: Entry, who: Server) -> list[str]:
    if who.doubts(entry):
        return [f"{code(entry.name)}: DZG meters of this number may send a positive power as a negative one: left out"]
    return [f"{code(entry.name)}: its value is missing, against the standard"] if entry.value is None else []


def _value(entry: Entry, who: Server) -> Value:
    name = code(entry.name)
    value = None if who.doubts(entry) else _content(entry)
    return Value(name, quantity(name), value, units.name(entry.unit))


def _content(entry: Entry) -> float | str | None:
    value = entry.value
    if isinstance(value, Number):
        return float(Decimal(value.value).scaleb(entry.scaler))
    if isinstance(value, bytes):
        return text(value) if value else None
    return float(value) if isinstance(value, bool) else None


def _refused(problem: str, reason: str, *, fragment: bool = False) -> Piece:
    return Piece(Telegram("", (), False, (problem,)), "", reason, fragment)


def _first(piece: Piece) -> str:
    return piece.telegram.problems[0]


def _with(telegram: Telegram, *problems: str) -> Telegram:
    return replace(telegram, problems=(*telegram.problems, *problems))
