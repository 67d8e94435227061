"""Frames of real meters are decoded to what their sources say; the damaged ones are refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector.sources.decoding import decode as decode_all
from collector.sources.dlt645 import decode
from collector.sources.dlt645.frame import Frame, search

CAPTURES = Path(__file__).parents[4].parent / "shared" / "real" / "dlt645"
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captures of real meters are not here")


def captures(name: str) -> list[dict[str, Any]]:
    path = CAPTURES / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def bytes_of(capture: dict[str, Any]) -> bytes:
    return bytes.fromhex((capture.get("preamble") or "") + capture["hex"])


@pytest.mark.parametrize("capture", captures("frames.json"), ids=lambda capture: capture["hex"][:40])
def test_every_good_frame(capture: dict[str, Any]) -> None:
    data = bytes_of(capture)
    [frame] = search(data)
    assert isinstance(frame, Frame)
    assert frame.address == capture["address"].upper()
    assert frame.control == int(capture["control"], 16)
    assert frame.data.hex() == capture["data_minus33"]
    [telegram] = decode(data)
    assert (telegram.identification, telegram.complete) == (frame.address, True)
    if "value" in capture:
        [value] = telegram.values
        assert (value.code, value.value, value.unit) == (capture["di"].upper(), capture["value"], capture["unit"])
    elif not frame.answers:
        assert telegram.values == ()
    if "error_byte" in capture:
        assert "refuses" in telegram.problems[0]


def test_the_quantities_of_the_frames() -> None:
    words = {
        "active energy import total": "active_energy_import",
        "voltage A": "voltage_l1_n",
        "current A": "current_l1",
        "active power total": "active_power_total",
        "reactive power total": "reactive_power_total",
        "apparent power total": "apparent_power_total",
        "frequency": "frequency",
    }
    told = {(capture["quantity"], value.quantity)
            for capture in captures("frames.json") if "value" in capture
            for telegram in decode(bytes_of(capture)) for value in telegram.values}  # fmt: skip
    assert told <= set(words.items())
    assert len(told) >= 6


@pytest.mark.parametrize("capture", captures("bad-frames.json"), ids=lambda capture: capture["hex"][:40])
def test_every_bad_frame_is_refused_with_a_reason(capture: dict[str, Any]) -> None:
    telegrams = decode(bytes.fromhex(capture["hex"]))
    assert telegrams
    for telegram in telegrams:
        assert (telegram.complete, telegram.values) == (False, ())
        assert telegram.problems


@pytest.mark.parametrize("capture", captures("streams.json"), ids=lambda capture: capture["hex"][:40])
def test_a_gateways_buffer_gives_three_frames(capture: dict[str, Any]) -> None:
    telegrams = decode(bytes.fromhex(capture["hex"]))
    assert [telegram.complete for telegram in telegrams] == [True] * 3


def test_all_frames_glued_together_give_what_they_give_alone() -> None:
    good = captures("frames.json")
    together = decode(b"".join(bytes_of(capture) for capture in good))
    alone = [telegram for capture in good for telegram in decode(bytes_of(capture))]
    assert together == alone
    whole = decode_all("dlt645", b"\x00\x01".join(bytes_of(capture) for capture in good))
    assert whole.complete
    assert len(whole.values) == sum(len(telegram.values) for telegram in alone)


@pytest.mark.slow
def test_an_independent_library_sees_the_same_frames() -> None:
    pytest.importorskip("dlt645")
    from dlt645.protocol.protocol import DLT645Protocol

    for capture in captures("frames.json"):
        peer = DLT645Protocol.deserialize(bytes_of(capture))
        [frame] = [found for found in search(bytes_of(capture)) if isinstance(found, Frame)]
        assert (bytes(peer.addr)[::-1].hex().upper(), peer.ctrl_code) == (frame.address, frame.control)
        assert bytes(peer.data) in (frame.data, frame.data.translate(bytes((b + 0x33) % 256 for b in range(256))))
    for capture in captures("bad-frames.json"):
        with pytest.raises(ValueError, match=r".*"):
            DLT645Protocol.deserialize(bytes.fromhex(capture["hex"]))


def test_the_tables_of_an_independent_library_agree_with_ours() -> None:
    """Identifier, digits and decimals of every variable of the 2007 edition."""
    from collector.sources.dlt645.identifiers import items

    named = [one for one in captures("di2007_variable_types.json") if one["DataFormat"] != "XXXXXXXX"]
    for one in named:
        [item] = items(one["Di"])
        assert item.picture.lstrip("±") == one["DataFormat"], one
    assert len(named) > 160
