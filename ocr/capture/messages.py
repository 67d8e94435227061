"""Frames what the taker of pictures says to whoever started it: a kind, a length, an age, the bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ocr.capture.errors import CaptureError

_HEAD = struct.Struct(">cId")
PICTURE, FAULT = b"P", b"E"
#: Largest picture, bytes: 12 megapixels as a JPEG of the best quality.
MOST_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as a file. `taken`: s since 1970."""

    content: bytes
    taken: float


def picture(shot: Shot) -> bytes:
    """One picture as it is sent."""
    return _HEAD.pack(PICTURE, len(shot.content), shot.taken) + shot.content


def fault(error: CaptureError) -> bytes:
    """Why there is no (further) picture, as it is sent."""
    content = json.dumps({"error": str(error), "hint": error.hint}).encode()
    return _HEAD.pack(FAULT, len(content), 0.0) + content


def received(heard: bytes) -> Iterator[Shot]:
    """The pictures in what was heard; raises CaptureError where it ends with a fault."""
    at = 0
    while at + _HEAD.size <= len(heard):
        kind, length, taken = _HEAD.unpack_from(heard, at)
        content = heard[at + _HEAD.size : at + _HEAD.size + length]
        if len(content) < length:
            return  # killed in the middle
        at += _HEAD.size + length
        if kind == FAULT:
            told = json.loads(content)
            raise CaptureError(told["error"], told["hint"])
        yield Shot(content, taken)
