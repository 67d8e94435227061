"""Opens a picture in bounded time and memory, upright as its EXIF tag says, or tells in one sentence why not.

Formats are told by their first bytes: JPEG (ITU-T T.81), PNG (ISO/IEC 15948), WebP, BMP, PGM and PPM. The size stands
in their headers, and is judged before anything is unpacked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.errors import PictureError

Pixels: TypeAlias = NDArray[np.uint8]

MOST_BYTES: Final = 32 * 2**20
MOST_PIXELS: Final = 25_000_000
#: A baseline JPEG is unpacked at a fraction of its size, so that more of it may come.
MOST_PIXELS_JPEG: Final = 110_000_000
KEPT_PIXELS: Final = 14_000_000
LEAST_SIDE: Final = 8

FORMATS: Final = "JPEG, PNG, WebP, BMP, PGM or PPM"
_REDUCED: Final = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as blue, green, red; `scale` is how many of them stand for one pixel of the file, along a side."""

    pixels: Pixels
    scale: float = 1.0

    @property
    def width(self) -> int:
        """Width of the file's picture, upright."""
        return int(self.pixels.shape[1] / self.scale + 0.5)

    @property
    def height(self) -> int:
        """Height of the file's picture, upright."""
        return int(self.pixels.shape[0] / self.scale + 0.5)


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    most: int
    whole: bool  # the end of the picture is there


def load(path: Path) -> Picture:
    """The picture in a file."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise PictureError(f"{path}: not a file")
        if status.st_size > MOST_BYTES:
            raise PictureError(f"{path}: {status.st_size / 2**20:.0f} MB are more than {MOST_BYTES // 2**20} MB")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PictureError(f"{path}: {error.strerror or error}") from None
    try:
        return decode(data)
    except PictureError as error:
        raise PictureError(f"{path}: {error}", error.hint) from None


def decode(data: bytes) -> Picture:
    """The picture in a file's bytes."""
    if not data:
        raise PictureError("the file is empty")
    if len(data) > MOST_BYTES:
        raise PictureError(f"more than {MOST_BYTES // 2**20} MB")
    header = _header(data)
    pixels = header.width * header.height
    if min(header.width, header.height) < LEAST_SIDE:
        raise PictureError(f"{header.width} x {header.height} pixels are too few for a display")
    if pixels > header.most:
        raise PictureError(
            f"{header.width} x {header.height} pixels are more than {header.most // 1_000_000} million",
            "let the camera take smaller pictures",
        )
    if not header.whole:
        raise PictureError("the picture is cut off: its end is missing")
    factor = next(factor for factor in (1, 2, 4) if pixels <= KEPT_PIXELS * factor * factor or factor == 4)
    return Picture(_unpack(data, factor), 1 / factor)


def _unpack(data: bytes, factor: int) -> Pixels:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[factor])
    except (cv2.error, MemoryError):
        pixels = None
    if pixels is None or pixels.ndim != 3:
        raise PictureError("the picture is damaged")
    return np.asarray(pixels, np.uint8)


def _header(data: bytes) -> _Header:
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", data, 16)
            return _Header(width, height, MOST_PIXELS, b"IEND\xaeB`\x82" in data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"BM"):
            size, width, height = struct.unpack_from("<I12xii", data, 2)
            return _Header(abs(width), abs(height), MOST_PIXELS, len(data) >= size)
        if data[:2] in (b"P5", b"P6"):
            return _netpbm(data)
    except (struct.error, ValueError, IndexError):
        raise PictureError("the picture is cut off: its header is missing") from None
    raise PictureError("not a picture", f"{FORMATS} can be read")


def _jpeg(data: bytes) -> _Header:
    """Walks the segments up to the frame header (SOFn), which holds the size."""
    at = 2
    while True:
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 4)
            # Only a sequential frame is unpacked line by line; others are held as a whole.
            most = MOST_PIXELS_JPEG if marker in (0xC0, 0xC1) else MOST_PIXELS
            return _Header(width, height, most, b"\xff\xd9" in data[at:])
        (length,) = struct.unpack_from(">H", data, at + 1)
        at += 1 + length
        if data[at] != 0xFF:
            raise PictureError("the picture is damaged")


def _webp(data: bytes) -> _Header:
    (size,) = struct.unpack_from("<I", data, 4)
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    return _Header(width, height, MOST_PIXELS, len(data) >= size + 8)


def _netpbm(data: bytes) -> _Header:
    words = b" ".join(line.split(b"#")[0] for line in data[:512].split(b"\n")).split()
    width, height, deepest = (int(word) for word in words[1:4])
    each = (3 if data[:2] == b"P6" else 1) * (2 if deepest > 255 else 1)
    return _Header(width, height, MOST_PIXELS, len(data) >= width * height * each)
