"""Pictures are kept as long as they are of use, within bounds, and never in anybody's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.service import album
from ocr.service.album import Album

DAY = 86400.0
NOW = 1_800_000_000.0
JPEG = b"\xff\xd8\xff" + bytes(1000)


def test_read_pictures_stay_a_day_and_doubted_ones_a_month(tmp_path: Path) -> None:
    kept = Album(tmp_path)
    fine = kept.add(JPEG, NOW, {"text": "1", "refused": None})
    refused = kept.add(JPEG, NOW + 1, {"text": None, "refused": "glare"})
    labelled = kept.add(JPEG, NOW + 2, {"text": "1", "refused": None})
    assert labelled is not None
    kept.note(labelled, {"label": "1.0"})
    assert [one["picture"] for one in kept.listed()] == [labelled, refused, fine]
    kept.tidy(NOW + 2 * DAY)
    assert [one["picture"] for one in kept.listed()] == [labelled, refused]
    kept.tidy(NOW + 40 * DAY)
    assert kept.listed() == []
    assert list(tmp_path.iterdir()) == []


def test_too_much_goes_read_pictures_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(album, "MOST_BYTES", 3 * len(JPEG))
    kept = Album(tmp_path)
    doubted = kept.add(JPEG, NOW, {"refused": "glare"})
    names = [kept.add(JPEG, NOW + number, {"refused": None}) for number in range(1, 6)]
    kept.tidy(NOW + 6)
    assert [one["picture"] for one in kept.listed()] == [names[4], names[3], doubted]


def test_a_folder_that_cannot_be_written_costs_no_reading(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Album(tmp_path / "file" / "pictures").add(JPEG, NOW, {}) is None


def test_what_is_damaged_is_not_listed_and_goes(tmp_path: Path) -> None:
    kept = Album(tmp_path)
    name = kept.add(JPEG, NOW, {"refused": None})
    (tmp_path / f"{name}.json").write_text("{")
    assert kept.listed() == []
    kept.tidy(NOW)
    assert list(tmp_path.iterdir()) == []
