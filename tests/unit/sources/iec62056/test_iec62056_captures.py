"""Captures of real meters decode to what their peers and an independent library read; damaged ones give nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from iec62056_captures import FOLDER, about, as_7e1, captures

from collector.sources.iec62056.decode import decode
from collector.sources.telegram import Value

CAPTURES = captures()
pytestmark = pytest.mark.skipif(not CAPTURES, reason=f"captures of real meters are not here: {FOLDER}")
each = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)


def values_of(capture: Path) -> list[Value]:
    return [value for telegram in decode(capture.read_bytes()) for value in telegram.values]


def same(value: Value, expected: object) -> bool:
    if isinstance(value.value, float):
        return value.value == pytest.approx(float(str(expected).replace(",", ".").replace(" ", "")))
    text = "" if value.value is None else value.value
    return text == str(expected).strip() or (text.isdigit() and float(text) == expected)


def claims(capture: Path) -> dict[str, list[object]]:
    """Code -> value (and unit) that the capture's own test expects; its notes left out."""
    found = about(capture).get("expected") or {}
    for part in ("telegram1", "telegram2"):
        found |= found.pop(part, {})
    return {
        code: _as_list(said)
        for code, said in found.items()
        if not code.startswith("_") and code not in ("1-0:97.97", "1-0:0.2.0")  # the peer's own names for F.F and C.1
    }


def _as_list(said: object) -> list[object]:
    if isinstance(said, dict):
        return [said["value0"], *([said["unit0"]] if "unit0" in said else [])]
    if isinstance(said, str):
        return [said.split(" = ")[0]]
    return said if isinstance(said, list) else [said]


@each
def test_a_capture_says_what_its_peer_read(capture: Path) -> None:
    found = {}
    for value in values_of(capture):
        found.setdefault(value.code, value)
        found.setdefault(f"1-0:{value.code}", value)
        found.setdefault(value.code.removeprefix("1-0:").removesuffix("*255"), value)
    if about(capture).get("bcc_ok") is False:
        return
    for code, said in claims(capture).items():
        assert same(found[code], said[0]), code
        assert len(said) == 1 or found[code].unit == said[1]


@each
def test_a_block_check_decides(capture: Path) -> None:
    telegrams = decode(capture.read_bytes())
    verdict = about(capture).get("bcc_ok")
    if verdict is True:
        assert [(one.complete, one.problems) for one in telegrams] == [(True, ())]
    if verdict is False:
        (telegram,) = telegrams
        assert (telegram.values, telegram.complete) == ((), False)
        computed, stated = about(capture)["bcc_computed"], about(capture)["bcc_in_file"]
        assert computed in telegram.problems[0] and stated in telegram.problems[0]


@pytest.mark.parametrize("stored", sorted(FOLDER.glob("*/*.pwitab.json")), ids=lambda path: path.stem)
def test_an_independent_library_reads_the_same(stored: Path) -> None:
    data_sets = json.loads(stored.read_text())["data_sets"]
    values = values_of(stored.with_name(stored.name.replace(".pwitab.json", ".bin")))
    firsts = []
    for address, text, unit in data_sets:
        firsts.append(next(value for value in values if value.code == (address or value.code) and same(value, text)))
        assert firsts[-1].unit == (unit or "")
    assert len(values) >= len(data_sets)


@each
def test_history_is_never_the_present(capture: Path) -> None:
    assert not [value for value in values_of(capture) if value.quantity and ("*0" in value.code or "&" in value.code)]


@each
def test_seven_bits_with_parity_read_as_eight_say_the_same(capture: Path) -> None:
    data = capture.read_bytes()
    if max(data) > 127 or b"CRC" in data or any("CRC" in p for t in decode(as_7e1(data)) for p in t.problems):
        return
    plain, parity = decode(data), decode(as_7e1(data))
    assert [(one.values, one.complete) for one in parity] == [(one.values, one.complete) for one in plain]


@pytest.mark.slow
@each
def test_a_cut_capture_is_never_complete_before_its_end(capture: Path) -> None:
    """Wherever the head is taken off, what is believed is what the whole capture says."""
    data = capture.read_bytes().rstrip(b"\r\n")
    if about(capture).get("bcc_ok") is False:
        return
    whole = {(value.code, value.value, value.unit) for value in values_of(capture)}
    step = max(1, len(data) // 200)
    for end in range(0, len(data), step):
        for telegram in decode(data[:end]):
            assert not telegram.complete or b"!" in data[:end]
            if about(capture).get("bcc_ok"):
                assert not telegram.complete
            assert {(value.code, value.value, value.unit) for value in telegram.values} <= whole
