"""Finds the telegrams in bytes that a meter sent, and believes what their check proves (IEC 62056-21, 6.3.6 to 6.3.8).

A block from STX to ETX (to EOT, if more blocks follow) has a block check character behind it; plain lines (mode D, P1)
end with "!", with or without a CRC. What was cut, glued together or begun in the middle is told apart by
identifications and control characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from collector.sources.iec62056 import identification
from collector.sources.iec62056.characters import (
    EOT,
    ETX,
    STX,
    SUBSTITUTE,
    block_check,
    crc16,
    has_mark,
    has_parity,
    text_of,
)
from collector.sources.iec62056.data_lines import Lines, damaged
from collector.sources.telegram import Telegram

#: What a reader says: requests, acknowledgements and commands. A head that hears itself delivers them, too.
_OURS = re.compile(
    rb"(?<!\x03)(?:/\?[^!\r\n]{0,40}!\r?\n?|\x06[^\r\n()]{0,8}\r?\n|\x01[A-Z]\d(?:\x02[^\x03]{0,200})?\x03.)", re.DOTALL
)
#: Wake-up characters and line ends.
_NOTHING = b"\0\x7f\r\n \xff"
#: "!" behind a data set or at the start of a line, with what follows it up to the end of the line.
_END = re.compile(rb"(?:(?<=[)\r\n])|\A)!(?!\()([^\r\n]{0,80})")
_CRC = re.compile(rb"[0-9A-Fa-f]{1,4}")
_BLOCK_END = re.compile(rb"[\x03\x04]")

NO_CHECK = "it has no block check: nothing proves that it arrived as it was sent"
BEHIND = "behind it stands a fragment of another telegram"
CUT = "it was cut off before its block check"
MORE = "the blocks that were to follow (EOT) are not there"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A telegram, or (`fragment`) what is left of one whose beginning or end is not there."""

    telegram: Telegram
    fragment: bool = False


def decode(data: bytes) -> list[Telegram]:
    """Every telegram in these bytes, in order. Never raises; the work is linear in the length."""
    pieces = list(_pieces(text_of(data)))
    if not pieces:
        return [_refused("", f"there is no telegram in these {len(data)} bytes")] if data.strip(_NOTHING) else []
    if has_parity(data) or has_mark(data):
        what = ("7E1", "parity") if has_parity(data) else ("7N1", "stop")
        note = f"the line is {what[0]} and was read as 8N1: the {what[1]} bit was taken off"
        pieces[0] = replace(pieces[0], telegram=_with(pieces[0].telegram, note))
    return _without_fragments(pieces)


def _without_fragments(pieces: list[_Piece]) -> list[Telegram]:
    """Where something whole was found, fragments are only mentioned, in the telegram nearest to them."""
    if not any(piece.telegram.complete for piece in pieces):
        return [piece.telegram for piece in pieces]
    found: list[Telegram] = []
    before: list[str] = []
    for piece in pieces:
        if not piece.fragment:
            found.append(_with(piece.telegram, *before))
            before = []
        elif found:
            found[-1] = _with(found[-1], BEHIND)
        else:
            before = ["before it stands a fragment of another telegram"]
    return found


def _pieces(text: bytes) -> Iterator[_Piece]:
    starts = list(identification.LINE.finditer(text))
    yield from _headless(text[: starts[0].start() if starts else len(text)])
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        who = identification.read(start)
        if damaged(start[0].replace(b"\x02", b"")):
            yield _Piece(_refused(who.text, "its identification arrived damaged"))
            continue
        yield from _identified(who.text, start[0], text[start.end() : end])


def _headless(text: bytes) -> Iterator[_Piece]:
    """What stands before the first identification."""
    text = _OURS.sub(b"", text)
    if STX in text:
        yield from _blocks("", text)
    elif b"(" in text and ETX not in text:
        lines = _lines(text)
        if lines.values:  # the first one may have lost its beginning: 31.7.0 would be 1.7.0
            lines.values[0] = replace(lines.values[0], quantity=None)
        problem = "its beginning is missing: the first line may be cut"
        yield _Piece(Telegram("", tuple(lines.values), False, (problem,)), fragment=True)
    elif text.strip(_NOTHING):
        problem = "its beginning is missing, so that its check proves nothing" if ETX in text else "it is no telegram"
        yield _Piece(_refused("", f"{len(text)} bytes: {problem}"), fragment=True)


def _identified(who: str, line: bytes, body: bytes) -> Iterator[_Piece]:
    if STX in _OURS.sub(b"", body):
        yield from _blocks(who, body)
    elif not body.strip(_NOTHING):
        yield _Piece(_refused(who, "nothing follows the identification"), fragment=True)
    elif ETX in body:  # XOR begins behind STX: with the first line, if only STX is lost
        end = body.index(ETX)
        if damaged(body[:end]):  # STX became NUL, which no XOR notices
            yield _Piece(_refused(who, "the beginning of its block (STX) arrived damaged"))
            return
        piece = (
            _checked(who, body[: end + 1], body[end + 1])
            if end + 1 < len(body)
            else _unchecked(who, body[:end], ended=True)
        )
        yield replace(piece, telegram=_with(piece.telegram, "the beginning of its block (STX) is missing"))
    else:
        yield from _plain(who, line, body)


def _blocks(who: str, body: bytes) -> Iterator[_Piece]:
    """Blocks from STX to ETX; several where single registers were asked for."""
    body = _OURS.sub(b"", body)
    at = body.find(STX)
    lost = b")" in body[:at]
    while at >= 0:
        found = _BLOCK_END.search(body, at)
        end = found.start() if found else -1
        if end < 0 or end + 1 >= len(body):
            yield _unchecked(who, body[at + 1 :] if end < 0 else body[at + 1 : end], ended=end >= 0)
            return
        piece = _checked(who, body[at + 1 : end + 1], body[end + 1])
        at = body.find(STX, end + 2)
        if body[end] == EOT and at < 0:
            piece = replace(piece, telegram=replace(_with(piece.telegram, MORE), complete=False))
        yield replace(piece, telegram=_with(piece.telegram, "data before its block were left out")) if lost else piece
        lost = False
    rest = body[end + 2 :]
    if b"(" in rest:
        yield _Piece(_refused(who, "data behind the block check belong to no telegram"), fragment=True)


def _checked(who: str, block: bytes, check: int) -> _Piece:
    """A block with its ETX, and the character behind it."""
    computed = block_check(block)
    if computed != check:
        return _Piece(_refused(who, f"wrong block check: 0x{computed:02x} computed, 0x{check:02x} stands there"))
    if SUBSTITUTE in block:
        return _Piece(_refused(who, "characters arrived damaged"))
    lines = _lines(block[:-1])
    return _Piece(Telegram(who, tuple(lines.values), True, _odd(lines)))


def _unchecked(who: str, block: bytes, *, ended: bool) -> _Piece:
    """A block whose check did not arrive. Whole lines are true unless something stands where ETX should."""
    end = _END.search(block)
    if damaged(block) or (end and block[end.start() + 1 :].strip()):
        return _Piece(_refused(who, "the end of its block (ETX) is missing or damaged"))
    lines = _lines(block)
    problem = "the block check behind its end is missing" if ended else CUT
    return _Piece(Telegram(who, tuple(lines.values), False, (problem, *_odd(lines))), fragment=not (ended or end))


def _plain(who: str, line: bytes, body: bytes) -> Iterator[_Piece]:
    """Lines without STX and ETX."""
    end = _END.search(body)
    content = _OURS.sub(b"", body[: end.start()] if end else body).strip(_NOTHING)
    if damaged(content):
        yield _Piece(_refused(who, "characters arrived damaged"))
        return
    lines = _lines(content)
    if end is None:
        problems = ('its end ("!") is missing', NO_CHECK, *_odd(lines))
        yield _Piece(Telegram(who, tuple(lines.values), False, problems), fragment=True)
        return
    yield _Piece(_ended(who, lines, line + body[: end.start() + 1], end[1].strip()))
    if b"(" in body[end.end() :]:
        yield _Piece(_refused(who, "data behind the end belong to no telegram"), fragment=True)


def _ended(who: str, lines: Lines, checked: bytes, crc: bytes) -> Telegram:
    """Plain lines whose "!" was seen. `checked`: what a CRC covers; `crc`: what stands behind it, if anything."""
    if not crc:
        return Telegram(who, tuple(lines.values), not lines.odd, (NO_CHECK, *_odd(lines)))
    if not _CRC.fullmatch(crc):
        return _refused(who, f'"{crc.decode("latin-1")}" behind its end is no CRC')
    computed, stated = crc16(checked), int(crc, 16)
    if computed != stated:
        return _refused(who, f"wrong CRC: {computed:04X} computed, {stated:04X} stands there")
    return Telegram(who, tuple(lines.values), True, _odd(lines))


def _lines(content: bytes) -> Lines:
    lines = Lines()
    for line in content.decode("latin-1").replace("\r", "\n").split("\n"):
        stripped = line.strip()
        if stripped and stripped != "!":
            lines.take(stripped.removesuffix("!") if stripped.endswith(")!") else stripped)
    return lines


def _odd(lines: Lines) -> tuple[str, ...]:
    return (f"lines that are no data: {lines.odd}",) if lines.odd else ()


def _refused(who: str, problem: str) -> Telegram:
    return Telegram(who, (), False, (problem,))


def _with(telegram: Telegram, *problems: str) -> Telegram:
    return replace(telegram, problems=tuple(dict.fromkeys((*telegram.problems, *problems))))
