"""Recorded exchanges are played back as they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collector.errors import ConfigError
from collector.sources.simulator import recorded
from collector.sources.simulator.station import crc_is_right

REQUEST, REPLY = "01040001000621c8", "01040c43687022436760dc43679ca541d7"
REAL = Path(__file__).parents[3].parent / "shared" / "real" / "modbus-traffic" / "rtu_and_log_frames.json"


def write(path: Path, *exchanges: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in exchanges))
    return path


def test_a_known_request_gets_its_reply_and_an_unknown_one_silence(tmp_path):
    station = recorded(write(tmp_path / "r", {"request": REQUEST, "reply": REPLY}))[1]
    pdu = bytes.fromhex(REQUEST)[1:-2]
    assert station.rtu_answer(1, pdu) == bytes.fromhex(REPLY)
    assert station.answer(pdu) == bytes.fromhex(REPLY)[1:-2]
    assert station.answer(b"\x03\x00\x00\x00\x01") is None


def test_replies_come_in_turn_faults_and_silence_included(tmp_path):
    damaged = REPLY[:-2] + "00"
    replies = [REPLY, damaged, ""]
    station = recorded(write(tmp_path / "r", *({"request": REQUEST, "reply": reply} for reply in replies)))[1]
    pdu = bytes.fromhex(REQUEST)[1:-2]
    heard = [station.rtu_answer(1, pdu) for _ in range(4)]
    assert heard == [bytes.fromhex(REPLY), bytes.fromhex(damaged), None, bytes.fromhex(REPLY)]


def test_every_wrong_line_is_told(tmp_path):
    path = tmp_path / "r"
    path.write_text(f'{{"request": "{REQUEST}", "reply": ""}}\nnonsense\n[]\n{{"request": "0104", "reply": "zz"}}\n\n')
    with pytest.raises(ConfigError) as caught:
        recorded(path)
    assert [mistake.key for mistake in caught.value.mistakes] == ["line 2", "line 3", "line 4"]


def test_an_empty_file_is_no_recording(tmp_path):
    with pytest.raises(ConfigError, match="not a recording"):
        recorded(write(tmp_path / "r"))


@pytest.mark.skipif(not REAL.exists(), reason="the collection of recorded traffic is not beside the project")
def test_real_exchanges_are_played_back(tmp_path):
    real = [one for one in json.loads(REAL.read_text()) if one.get("request_crc_ok") and one.get("response")]
    real = [one for one in real if len(one["request"]) % 2 == 0 and crc_is_right(bytes.fromhex(one["request"]))]
    assert len(real) > 10
    stations = recorded(write(tmp_path / "r", *({"request": o["request"], "reply": o["response"]} for o in real)))
    for one in real:
        request = bytes.fromhex(one["request"])
        replies = {o["response"] for o in real if o["request"] == one["request"]}
        assert stations[request[0]].rtu_answer(request[0], request[1:-2]).hex() in replies
