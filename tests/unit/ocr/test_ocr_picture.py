"""Pictures are opened in bounded time and memory; whatever else is in a file gets one sentence."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import picture
from ocr.errors import PictureError

SCENE = np.zeros((60, 90, 3), np.uint8)
SCENE[:20, :30] = (0, 0, 255)


def encoded(suffix: str, pixels: np.ndarray = SCENE) -> bytes:
    done, data = cv2.imencode(suffix, pixels)
    assert done
    return data.tobytes()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to nothing in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_orientation(jpeg: bytes, turn: int) -> bytes:
    """The same JPEG with an EXIF tag that says how to hold it."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, turn, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".ppm"])
def test_common_formats_are_opened(suffix: str, tmp_path: Path):
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(encoded(suffix))
    opened = picture.load(path)
    assert (opened.width, opened.height, opened.scale) == (90, 60, 1.0)
    assert opened.pixels[5, 5, 2] > 200


def test_a_grey_picture_is_opened():
    assert picture.decode(encoded(".png", SCENE[:, :, 2])).pixels.shape == (60, 90, 3)


def test_a_picture_is_held_as_its_exif_tag_says():
    turned = picture.decode(with_orientation(encoded(".jpg"), 6))
    assert (turned.width, turned.height) == (60, 90)
    assert turned.pixels[5, 55, 2] > 200  # what was on the left of the top is on the right of it


def test_a_large_jpeg_is_opened_smaller_and_knows_its_size():
    opened = picture.decode(encoded(".jpg", np.zeros((4000, 6000, 3), np.uint8)))
    assert (opened.width, opened.height, opened.scale) == (6000, 4000, 0.5)
    assert opened.pixels.shape == (2000, 3000, 3)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b"GIF89a" + bytes(100), "not a picture"),
        (b"#!/bin/sh\nrm -rf /\n", "not a picture"),
        (b"\xff\xd8\xff", "the picture is cut off: its header is missing"),
        (encoded(".jpg")[:-200], "the picture is cut off: its end is missing"),
        (encoded(".png")[:-20], "the picture is cut off: its end is missing"),
        (encoded(".webp")[:-4], "the picture is cut off: its end is missing"),
        (encoded(".ppm")[:-40], "the picture is cut off: its end is missing"),
        (png_of(90, 60), "the picture is damaged"),
        (png_of(60_000, 60_000), "60000 x 60000 pixels are more than 25 million"),
        (encoded(".png", SCENE[:4, :4]), "4 x 4 pixels are too few for a display"),
    ],
)
def test_what_is_no_picture_gets_one_sentence(data: bytes, sentence: str):
    with pytest.raises(PictureError) as told:
        picture.decode(data)
    assert str(told.value) == sentence


def test_what_is_no_file_gets_one_sentence(tmp_path: Path):
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(picture.MOST_BYTES + 1)
    for path, sentence in (
        (tmp_path, "not a file"),
        (tmp_path / "none.jpg", "No such file or directory"),
        (Path("/dev/zero"), "not a file"),
        (large, "32 MB are more than 32 MB"),
    ):
        with pytest.raises(PictureError) as told:
            picture.load(path)
        assert str(told.value) == f"{path}: {sentence}"


@pytest.mark.slow
@settings(max_examples=200)
@given(
    st.sampled_from([encoded(suffix) for suffix in (".jpg", ".png", ".webp", ".bmp", ".ppm")]),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_pictures_are_opened_or_refused(whole: bytes, damage: list[tuple[int, int]]):
    data = bytearray(whole)
    for place, value in damage:
        data[place % len(data)] = value
    try:
        opened = picture.decode(bytes(data))
    except PictureError:
        return
    assert opened.pixels.dtype == np.uint8
    assert opened.pixels.size <= 3 * picture.MOST_PIXELS
