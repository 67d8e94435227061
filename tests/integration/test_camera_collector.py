"""From a folder of pictures to stored readings: collector and camera service as processes, started as a user would."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="what reads cameras is not installed here")

from ocr.simulator.meter_face import code_corners
from tests.integration.camera_service import Bench
from tests.integration.conftest import SITE, Box, end, wait_for

METER = """
[[line]]
name = "cellar"
camera = "pictures"
[[meter]]
name = "house"
model = "generic-camera"
line = "cellar"
every = "10s"
profile = "house.toml"
"""


@pytest.fixture
def house(box: Box) -> Iterator[Box]:
    bench = Bench(box.folder)
    (box.folder / "house.toml").write_text(bench.profile())
    box.write(SITE.format(database=box.database) + METER)
    yield box


def stored(box: Box) -> list[float]:
    with sqlite3.connect(f"file:{box.database}?mode=ro", uri=True) as database:
        return [wh for (wh,) in database.execute("SELECT active_energy_import FROM reading ORDER BY time")]


def loaded(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.slow
def test_pictures_become_readings_and_opencv_stays_outside(house: Box) -> None:
    """Three pictures agree, one is misread by a digit, three more agree: the series goes on as if nothing had been."""
    bench = Bench(house.folder)
    bench.show("0012345.6")
    collector = house.start("run", str(house.config))
    for number, text in enumerate(("0012345.6", "0012345.6", "0092345.6", "0012345.6", "0012345.6", "0012345.6")):
        wait_for(lambda n=number: asked(house) > n, 40, f"picture {number} was looked at")
        bench.clear()
        bench.show(text)
    wait_for(lambda: house.database.exists() and len(stored(house)) >= 3, 60, "readings are stored")
    assert set(stored(house)) == {12_345_600.0}
    maps = loaded(collector.pid)
    assert "cv2" not in maps
    assert "numpy" not in maps


def asked(box: Box) -> int:
    """Pictures that the service has kept."""
    return len(list((box.state / "cameras" / "house" / "pictures").glob("*.json")))


@pytest.mark.slow
def test_a_person_reads_a_display_and_is_told_what_is_wrong(house: Box) -> None:
    done = house.phaselog("read", str(house.config))
    assert done.returncode == 3
    assert "No such file or directory" in done.stderr
    Bench(house.folder).show("0012345.6")
    done = house.phaselog("read", str(house.config))
    assert (done.returncode, "12345600" in done.stdout) == (0, True), done.stderr
    checked = house.phaselog("check", str(house.config))
    assert "camera" in checked.stdout


@pytest.mark.slow
def test_a_display_is_set_up_in_the_terminal(house: Box) -> None:
    (house.folder / "house.toml").unlink()
    Bench(house.folder).show("0012345.6", "1.8.0")
    given = ["--corners", "298,188,786,188,786,304,298,304", "--digits", "8", "--decimals", "1"]
    given += ["--code", ",".join(f"{side:g}" for side in code_corners())]
    drawing = house.folder / "house.png"
    done = house.phaselog("camera", "setup", "house", str(house.config), *given, "--drawing", str(drawing), "--yes")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 pictures were read" in done.stdout
    assert "1.8.0" in done.stdout
    assert "[code]" in (house.folder / "house.toml").read_text()
    assert drawing.read_bytes().startswith(b"\x89PNG")
    listed = house.phaselog("camera", "pictures", "house", str(house.config))
    assert "0012345.6" in listed.stdout


@pytest.mark.slow
def test_a_simulated_meter_is_read_like_a_real_one(house: Box) -> None:
    simulated = house.start("simulate", "generic-camera", "--port", str(house.folder / "pictures"))
    wait_for(lambda: list(house.folder.glob("pictures/*.jpg")), 30, "a picture is drawn")
    done = house.phaselog("read", str(house.config))
    assert "1234" in done.stdout, done.stderr
    assert end(simulated) == 0
