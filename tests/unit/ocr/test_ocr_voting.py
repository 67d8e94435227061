"""Several frames make one reading only where most of them say the same."""

from __future__ import annotations

import pytest

from ocr.service.voting import Seen, vote


def seen(*texts: str | None) -> list[Seen]:
    """Frames; a text behind `!` was seen and refused."""
    return [
        Seen(None if text is None else text.lstrip("!"), 0.95, "blurred" if text is None or text[0] == "!" else None)
        for text in texts
    ]


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        (["12.3"], "12.3"),
        (["12.3", "12.3", "12.3"], "12.3"),
        (["12.3", "18.3", "12.3"], "12.3"),
        (["12.3", None, "12.3"], "12.3"),
        (["12.9", "13.0"], "13.0"),  # it counted on meanwhile
        (["13.0", "12.9"], None),
        (["12.3", "18.3"], None),
        (["12.3", "18.3", "92.3"], None),
        (["12.3", None, None], None),
        (["12.3", "!12.3", "!12.3"], None),
        ([None], None),
    ],
)
def test_what_most_frames_say_counts(frames: list[str | None], text: str | None) -> None:
    voted = vote(seen(*frames))
    assert (voted.text if voted.believed else None) == text
    assert voted.believed or voted.refused


def test_a_refusal_tells_what_is_wrong_with_most_frames() -> None:
    assert vote(seen(None, None)).refused == "blurred"
    assert vote(seen("12.3", "18.3")).refused == "frames disagree: 12.3, 18.3"
