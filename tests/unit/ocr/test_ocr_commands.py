"""What is typed after `python -m ocr` does what the reference says, and never ends in a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_meters import meter, place

from ocr.__main__ import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "meter.png"
    cv2.imwrite(str(path), meter("003786.4"))
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def corners(number: str, blanks: int = 0) -> str:
    return ",".join(f"{side:.0f}" for side in place(number, blanks).ravel())


def test_a_display_whose_place_is_given_is_read(photo: Path, capsys: pytest.CaptureFixture[str]):
    asked = ["read", str(photo), "--corners", corners("003786.4"), "--digits", "7", "--decimals", "1", "--json"]
    assert main(asked) == 0
    (line,) = lines(capsys)
    assert (line["image"], line["reading"], line["text"]) == (str(photo), 3786.4, "003786.4")
    assert line["refused"] is None
    assert 0.9 < line["confidence"] <= 1
    assert [digit["value"] for digit in line["digits"]] == list("0037864")
    assert all(0.9 < digit["confidence"] <= 1 for digit in line["digits"])
    assert line["ms"] > 0


def test_people_get_a_sentence(photo: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["read", str(photo), "--roi", "176,188,284,78", "--digits", "7", "--decimals", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"{photo}: 003786.4  (")


@pytest.mark.slow
def test_a_profile_reads_what_comes_later(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    profile, drawing = tmp_path / "p.toml", tmp_path / "p.png"
    asked = ["--corners", corners("003786.4"), "--profile", str(profile), "--explain", str(drawing)]
    assert main(["calibrate", str(photo), *asked, "--json"]) == 0
    (line,) = lines(capsys)
    assert (line["places"], line["decimals"], line["leading"], line["kind"]) == (7, 1, "zeros", "LCD")
    assert tomllib.loads(profile.read_text())["display"]["digits"] == 7
    assert cv2.imread(str(drawing)) is not None

    later = {"later": meter("003791.0"), "other": meter("003791.0", seed=9), "turned": meter("003791.0")[::-1, ::-1]}
    paths = [tmp_path / f"{name}.png" for name in later]
    for path, scene in zip(paths, later.values(), strict=True):
        cv2.imwrite(str(path), scene)
    assert main(["read", *map(str, paths), "--profile", str(profile), "--json"]) == 0
    told = lines(capsys)
    assert [(line["reading"], line["refused"]) for line in told] == [(3791.0, None), (None, "moved"), (None, "moved")]


@pytest.mark.slow
def test_leading_blanks_are_read_where_the_profile_allows(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name, scene in {"one": meter("9984.5", blanks=2), "two": meter("10021.5", blanks=1)}.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), scene)
    for leading, expected in (("blanks", (10021.5, None)), ("zeros", (None, "digit_count"))):
        profile = tmp_path / f"{leading}.toml"
        asked = ["--corners", corners("0009984.5"[2:], 2), "--leading", leading, "--profile", str(profile)]
        asked += [
            "--digits",
            "7" if leading == "blanks" else "5",
            "--decimals",
            "1",
            "--explain",
            str(tmp_path / "e.png"),
        ]
        assert main(["calibrate", str(tmp_path / "one.png"), *asked]) == 0
        capsys.readouterr()
        assert main(["read", str(tmp_path / "two.png"), "--profile", str(profile), "--json"]) == 0
        (line,) = lines(capsys)
        assert (line["reading"], line["refused"]) == expected


@pytest.mark.parametrize(
    ("scene", "reasons"),
    [
        (np.zeros((480, 640, 3), np.uint8), {"too_dark"}),
        (np.full((480, 640, 3), 255, np.uint8), {"over_exposed"}),
        (np.full((480, 640, 3), 120, np.uint8), {"covered"}),
        (cv2.GaussianBlur(meter("003786.4"), (0, 0), 14), {"blurred"}),
        (meter("378.6", blanks=3), {"digit_count", "unsure"}),
        (np.ascontiguousarray(meter("003786.4")[::-1, ::-1]), {"upside_down"}),
    ],
    ids=["dark", "bright", "covered", "blurred", "another count", "upside down"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    scene: np.ndarray, reasons: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "scene.png"
    cv2.imwrite(str(path), scene)
    where = place("003786.4")
    if reasons == {"upside_down"}:
        where = (np.array([640, 480], np.float32) - where)[[2, 3, 0, 1]]
    asked = ["--corners", ",".join(f"{side:.0f}" for side in where.ravel()), "--digits", "7", "--decimals", "1"]
    assert main(["read", str(path), *asked, "--json"]) == 0
    (line,) = lines(capsys)
    assert line["reading"] is None
    assert line["refused"] in reasons
    assert line["why"].endswith(".")


@pytest.mark.slow
def test_a_scene_without_a_display_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for seed in range(2):
        scene = meter("1", seed=seed)
        scene[150:320] = scene[0, 0]
        cv2.imwrite(str(tmp_path / f"{seed}.png"), scene)
    assert main(["read", *(str(tmp_path / f"{seed}.png") for seed in range(2)), "--json"]) == 0
    assert all(line["reading"] is None and line["refused"] for line in lines(capsys))


def test_a_file_that_is_no_picture_gets_one_line_and_the_next_is_read(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    broken = tmp_path / "broken.jpg"
    given = ["--corners", corners("003786.4"), "--digits", "7", "--decimals", "1"]
    broken.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    assert main(["read", str(broken), str(tmp_path / "none.jpg"), str(photo), *given, "--json"]) == 1
    first, second, third = lines(capsys)
    assert first["refused"] == second["refused"] == "unreadable"
    assert second["why"] == f"{tmp_path / 'none.jpg'}: No such file or directory"
    assert third["reading"] == 3786.4


@pytest.mark.slow
def test_the_explanation_is_a_picture(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "seen.png"
    assert main(["read", str(photo), "--explain", str(out)]) == 0
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape[1] == 900
    assert main(["read", str(photo), str(photo), "--explain", str(out)]) == 0
    assert (tmp_path / "seen-meter.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["--corners", "0,0,0,60,90,60,90,0"], "error: the corners go round anticlockwise\nhint: "),
        (["--roi", "2000,10,50,50"], "error: the corners lie outside the picture of 640 x 480 pixels\n"),
        (["--digits", "3", "--decimals", "3"], "error: 3 decimals leave nothing of 3 digits\nhint: "),
        (["--profile", "none.toml"], "error: none.toml: No such file or directory\n"),
        (["--profile", "none.toml", "--digits", "3"], "error: the profile already says how many digits there are\n"),
        (["--explain", "none/seen.png"], "error: none/seen.png: No such file or directory\n"),
        (["--explain", "seen.exe"], "error: seen.exe: this format cannot be written\n"),
    ],
)
def test_what_makes_no_sense_is_said_in_two_lines(
    asked: list[str], sentence: str, photo: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["read", str(photo), *asked]) == 2
    assert capsys.readouterr().err.startswith(sentence)


@pytest.mark.parametrize("asked", [["--roi", "1,2,3"], ["--roi", "a,b,c,d"], ["--corners", "1,2"], ["--digits", "0"]])
def test_an_option_that_cannot_be_understood_is_usage(asked: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["read", "x.png", *asked])
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_works_as_a_process(photo: Path):
    done = subprocess.run(
        [sys.executable, "-m", "ocr", "read", photo, "--corners", corners("003786.4"), "--digits", "7", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["reading"] == 3786.4
    assert done.stderr == ""


@pytest.mark.slow
def test_the_bench_counts_right_refused_and_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "drawn"
    folder.mkdir()
    rows = ["file,reading,roi_xywh,roi_quad,fixed_camera,quality"]
    for number in ("003786.4", "003790.2", "004001.7"):
        cv2.imwrite(str(folder / f"{number}.png"), meter(number))
        said = "999999.9" if number == "004001.7" else number
        rows.append(f'{number}.png,{said},,"{corners(number)}",1,ok')
    (folder / "labels.csv").write_text("\n".join(rows))
    assert main(["bench", str(folder / "labels.csv"), "--json", "--mode", "calibrated", "--mode", "series"]) == 0
    told = json.loads(capsys.readouterr().out)
    counts = {row["mode"]: (row["n"], row["right"], row["wrong"]) for row in told["rows"] if row["source"] == "drawn"}
    assert counts["calibrated"] == (3, 2, 1)
    assert counts["series"] == (2, 1, 1)
    assert told["mistakes"][0]["read"] == "004001.7"
    assert main(["bench", str(folder / "labels.csv"), "--mode", "calibrated"]) == 0
    assert "calibrated  drawn               ok        3   66.7%" in capsys.readouterr().out


@pytest.mark.slow
def test_the_bench_spoils_photos_and_asks_others(photo: Path, capsys: pytest.CaptureFixture[str]):
    place = corners("003786.4")
    (photo.parent / "labels.csv").write_text(f'file,reading,roi_quad\n{photo.name},003786.4,"{place}"\n')
    labels = str(photo.parent / "labels.csv")
    assert main(["bench", labels, "--mode", "calibrated", "--robust", "--spoilt", "--rendered", "2", "--json"]) == 0
    rows = {row["mode"]: row for row in json.loads(capsys.readouterr().out)["rows"] if row["source"] == "all"}
    assert rows["rendered"]["n"] == 2
    worse = [row for mode, row in rows.items() if mode.split()[0] in ("light", "tilt", "JPEG", "noise", "blur", "size")]
    assert len(worse) == 11
    assert all(row["right"] == 1 for row in worse)
    spoilt = [rows[mode] for mode in ("upside down", "covered", "off", "out of focus", "-1 digit", "+1 digit")]
    assert all(row["wrong"] == 0 for row in spoilt)
    assert main(["bench", labels, "--mode", "calibrated", "--peers", "--sample", "1"]) == 0
    assert capsys.readouterr().out.startswith("mode ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file\na.png", "the column 'reading' is missing"),
        ("file,reading\na.png,about 5", "line 2: the reading 'about 5' is no number"),
        ("file,reading,roi_xywh\na.png,5,1 2 3", "line 2: "),
    ],
)
def test_labels_that_make_no_sense_are_named(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    assert main(["bench", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {path}: {sentence}")
