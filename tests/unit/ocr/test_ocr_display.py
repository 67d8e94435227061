"""What the service keeps of a picture is small, and what a profile says of a code is checked."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.errors import ProfileError
from ocr.service.display import Display, small

PROFILE = """
[picture]
width = 960
height = 540
[display]
corners = [[298, 188], [786, 188], [786, 304], [298, 304]]
digits = 8
decimals = 1
"""
CODE = "[code]\ncorners = [[194, 192], [306, 192], [306, 242], [194, 242]]\ndigits = {digits}\n"


@pytest.mark.slow
def test_a_large_picture_is_kept_small() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (2000, 3000, 3), np.uint8)
    kept = small(cv2.imencode(".png", noise)[1].tobytes())
    found = cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_COLOR)
    assert found.shape == (1067, 1600, 3)


def test_a_small_picture_is_kept_as_it_is_and_garbage_is_cut_off() -> None:
    assert small(b"tiny") == b"tiny"
    assert len(small(b"x" * 10_000_000)) == 400_000


def test_a_profile_tells_where_the_code_stands() -> None:
    place = Display.of(PROFILE + CODE.format(digits=3), Path("none")).profile.code
    assert place is not None
    assert place.digits == 3
    assert Display.of(PROFILE, Path("none")).profile.code is None


@pytest.mark.parametrize(
    "wrong", [CODE.format(digits=9), "[code]\n", "code = 3\n", "[code]\ncorners = [1]\ndigits = 3\n"]
)
def test_a_code_that_makes_no_sense_is_refused(wrong: str) -> None:
    with pytest.raises(ProfileError, match="code"):
        Display.of(wrong + PROFILE if wrong.startswith("code") else PROFILE + wrong, Path("none"))


def test_a_display_that_nobody_set_up_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="not known yet"):
        Display.of(None, tmp_path / "profile.toml")
