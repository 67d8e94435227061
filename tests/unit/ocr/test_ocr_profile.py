"""A profile says the same after it was written and read; what is wrong in one is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocr import corners, profile
from ocr.errors import ProfileError
from ocr.profile import Profile, Surroundings

GREY = np.arange(40 * 60, dtype=np.uint8).reshape(40, 60)
MADE = Profile(
    width=640,
    height=480,
    corners=corners.of_box(100, 50.5, 200, 60),
    digits=6,
    decimals=1,
    leading="blanks",
    kind="LED",
    colour="red",
    surroundings=Surroundings(12.25, 0.0, 2.5, GREY),
)


def test_what_was_written_is_read():
    read = profile.parse(profile.to_toml(MADE))
    assert (read.width, read.height, read.digits, read.decimals) == (640, 480, 6, 1)
    assert (read.leading, read.kind, read.colour) == ("blanks", "LED", "red")
    assert np.array_equal(read.corners, MADE.corners)
    assert read.surroundings is not None
    assert (read.surroundings.left, read.surroundings.top, read.surroundings.pixel) == (12.25, 0.0, 2.5)
    assert np.array_equal(read.surroundings.grey, GREY)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("[display]", "[display", "not TOML"),
        ("[picture]", "[photo]", "[picture] is missing"),
        ("digits = 6", "digits = 0", "display.digits: a whole number from 1 to 12 is needed, not 0"),
        ("digits = 6", 'digits = "6"', "display.digits: a whole number from 1 to 12 is needed, not '6'"),
        ("decimals = 1", "decimals = 6", "display.decimals: as many as digits, or more"),
        ('leading = "blanks"', 'leading = "none"', "display.leading: zeros or blanks, not 'none'"),
        ("[100.0, 50.5], ", "", "display.corners: four pairs [x, y] are needed"),
        ("[100.0, 50.5]", "[nan, 50.5]", "display.corners: four pairs [x, y] are needed"),
        ("[100.0, 50.5]", "[[1], 50.5]", "display.corners: four pairs [x, y] are needed"),
        ("pixel = 2.5", "pixel = -1.0 #", "surroundings.pixel: more than 0 is needed"),
        ("iVBOR", "!!!!!", "surroundings.png: not a small PNG"),
        ("iVBOR", "AAAAA", "surroundings.png: not a small PNG"),
    ],
)
def test_what_is_wrong_is_named(before: str, after: str, sentence: str):
    text = profile.to_toml(MADE)
    assert before in text
    with pytest.raises(ProfileError) as told:
        profile.parse(text.replace(before, after, 1))
    assert sentence in str(told.value)


def test_a_file_that_is_no_profile_is_named(tmp_path: Path):
    binary = tmp_path / "profile.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    endless = tmp_path / "endless.toml"
    endless.write_text("#" * (profile.MOST_BYTES + 1))
    for path, sentence in (
        (tmp_path / "none.toml", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (binary, "not a text"),
        (endless, "larger than any profile"),
    ):
        with pytest.raises(ProfileError) as told:
            profile.load(path)
        assert str(told.value) == f"{path}: {sentence}"
