"""Only the answer to the question is believed: real frames, wrong frames, random bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from modbus_frames import answer, crc, framed, recorded

from collector.errors import BadAnswer, MeterRefused, NoAnswer
from collector.sources.modbus import rtu
from collector.sources.modbus.queries import Query, read_bits, read_identification, read_registers, report_device_id

QUERY = read_registers(126, 3, 1, 6)
DATA = struct.pack(">3f", 230.0, 231.5, -172.594)
GOOD = answer(126, 3, DATA)


def judged(heard: bytes, query: Query = QUERY) -> bytes | str:
    """The values, or the counted word for why there are none, when nothing more comes."""
    try:
        pdu = rtu.answer_in(heard, query)
    except MeterRefused as error:
        return f"refused_{error.code}"
    if pdu is not None:
        return pdu[2:]
    error = rtu.unanswered(heard, query, 0.3)
    return error.reason if isinstance(error, BadAnswer) else "silence"


def test_the_answer_is_believed() -> None:
    assert judged(GOOD) == DATA


def test_nothing_is_believed_before_the_last_byte() -> None:
    for length in range(len(GOOD)):
        assert rtu.answer_in(GOOD[:length], QUERY) is None


@pytest.mark.parametrize(
    ("heard", "word"),
    [
        (b"", "silence"),
        (answer(125, 3, DATA), "unit"),
        (answer(126, 4, DATA), "function"),
        (answer(126, 3, DATA[:8]), "length"),
        (answer(126, 3, DATA + DATA), "length"),
        (GOOD[:-1] + bytes((GOOD[-1] ^ 1,)), "crc"),
        (GOOD[:5] + bytes((GOOD[5] ^ 0x80,)) + GOOD[6:], "crc"),
        (GOOD[:-4], "truncated"),
        (GOOD[:4], "truncated"),
        (bytes((126, 3, 0x32)) + GOOD[3:], "length"),
        (b"\x00\xff\x13", "noise"),
        (framed(bytes((126, 0x84, 2))), "function"),  # refuses what was never asked
        (framed(bytes((126, 0x90, 2))), "function"),
        (framed(bytes((126, 0x83, 77))), "exception"),
        (QUERY.rtu, "silence"),
        (QUERY.rtu + QUERY.rtu, "length"),
        (answer(125, 3, DATA) + answer(124, 3, DATA), "unit"),
        (framed(bytes((125, 0x83, 2))), "unit"),
    ],
)
def test_what_is_not_the_answer_is_named(heard: bytes, word: str) -> None:
    assert judged(heard) == word


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 10, 11])
def test_an_exception_is_a_refusal(code: int) -> None:
    assert judged(framed(bytes((126, 0x83, code)))) == f"refused_{code}"
    assert judged(b"\x00\x00" + framed(bytes((126, 0x83, code)))) == f"refused_{code}"


@pytest.mark.parametrize("before", [b"\x00", b"\x00\x00\x00", b"\xff\xfe", b"\x7e", b"\x7e\x03", bytes(16)])
@pytest.mark.parametrize("after", [b"", b"\x00", b"\xff\x00\xff", b"\x7e\x03\x0c"])
def test_noise_around_the_answer_does_not_hide_it(before: bytes, after: bytes) -> None:
    assert judged(before + GOOD + after) == DATA


def test_the_last_byte_lost_behind_noise_is_no_answer() -> None:
    assert judged(b"\x00" + GOOD[:-1]) == "truncated"


def test_the_byte_count_decides_and_not_the_first_crc_that_fits() -> None:
    heard = bytes.fromhex("01040203017800")
    assert crc(heard[:4]) == heard[4:6], "the trap: the first six bytes pass as a frame"
    query = read_registers(1, 4, 0, 1)
    assert rtu.answer_in(heard[:6], query) is None
    assert judged(heard, query) in (heard[3:5], "crc")


def test_an_echo_is_never_an_answer() -> None:
    assert judged(QUERY.rtu + GOOD) == DATA
    assert judged(b"\x00" + QUERY.rtu + GOOD) == DATA
    # 20 coils from 768: the request itself has the shape of its answer.
    coils = read_bits(1, 1, 768, 20)
    assert coils.rtu[2] == 3 and len(coils.rtu) == 8
    assert judged(coils.rtu, coils) == "silence"
    assert judged(coils.rtu + answer(1, 1, b"\x01\x02\x03"), coils) == b"\x01\x02\x03"


def test_a_stranger_before_the_answer_is_skipped() -> None:
    assert judged(answer(9, 3, b"\x00\x01") + GOOD) == DATA
    assert judged(framed(bytes.fromhex("09 03 0001 0002")) + GOOD) == DATA


@pytest.mark.parametrize("stale", [answer(126, 3, DATA[:8]), answer(126, 4, DATA), framed(bytes((126, 0x84, 2)))])
def test_behind_a_late_answer_of_the_same_unit_nothing_is_believed(stale: bytes) -> None:
    assert isinstance(judged(stale + GOOD), str)


def test_answers_of_varying_length() -> None:
    who = framed(bytes.fromhex("09 11 05") + b"PM71" + b"\xff")
    assert rtu.answer_in(who[:-1], report_device_id(9)) is None
    assert rtu.answer_in(who, report_device_id(9)) == who[1:-2]
    objects = b"".join(bytes((k, len(text))) + text for k, text in enumerate([b"SIEMENS AG", b"PAC3100", b"V2.1"]))
    mei = framed(bytes.fromhex("09 2b 0e 01 01 00 00 03") + objects)
    query = read_identification(9)
    for length in range(len(mei)):
        assert rtu.answer_in(mei[:length], query) is None
    assert rtu.answer_in(mei, query) == mei[1:-2]


def test_missing_bytes_never_overshoot() -> None:
    """Whoever sleeps for the missing bytes must not sleep past the end of the frame."""
    for frame in (GOOD, framed(bytes((126, 0x83, 2)))):
        for length in range(len(frame)):
            _, missing = rtu.progress(frame[:length], QUERY)
            assert missing <= len(frame) - length


@given(st.binary(max_size=300))
@example(b"\x7e\x03\x0c")
@example(QUERY.rtu * 4)
def test_random_bytes_never_crash_and_never_yield_a_value(heard: bytes) -> None:
    assume(GOOD[:3] not in heard)  # with a header the CRC is the judge, see below
    assert isinstance(judged(heard), str)
    rtu.progress(heard, QUERY)


@given(st.binary(max_size=40), st.sampled_from([report_device_id(126), read_identification(126)]))
def test_random_bytes_never_crash_where_the_length_varies(tail: bytes, query: Query) -> None:
    heard = bytes((126, query.function)) + tail
    rtu.progress(heard, query)
    judged(heard, query)


@given(st.data())
def test_a_damaged_answer_is_never_believed(data: st.DataObject) -> None:
    """Up to 16 bits that are neighbours on the wire (lowest bit first): what CRC-16 promises to find."""
    start = data.draw(st.integers(0, 8 * len(GOOD) - 16))
    pattern = data.draw(st.integers(1, 0xFFFF))
    damaged = int.from_bytes(GOOD, "little") ^ (pattern << start)
    assert isinstance(judged(damaged.to_bytes(len(GOOD), "little")), str)


@given(st.binary(min_size=12, max_size=12), st.integers(0, 16), st.binary(max_size=5))
def test_every_value_survives_noise(data: bytes, noise: int, after: bytes) -> None:
    assert judged(b"\x00" * noise + answer(126, 3, data) + after) == data


@given(st.integers(1, 125), st.integers(1, 125), st.integers(1, 247), st.sampled_from([3, 4]))
def test_only_unit_function_and_length_of_the_question_are_believed(n: int, m: int, unit: int, function: int) -> None:
    heard = answer(unit, function, bytes(range(1, 2 * m + 1)))
    query = read_registers(126, 3, 1, n)
    asked = (unit, function, m) == (126, 3, n)
    assert (judged(heard, query) == bytes(range(1, 2 * m + 1))) is asked


def _asked(request: bytes) -> Query | None:
    unit, function, address, count = struct.unpack(">BBHH", request[:6])
    if function in (3, 4) and 1 <= count <= 125 and address + count <= 0x10000:
        return read_registers(unit, function, address, count)
    if function in (1, 2) and 1 <= count <= 2000 and address + count <= 0x10000:
        return read_bits(unit, function, address, count)
    return None


@pytest.mark.parametrize("name", ["rtu_and_log_frames.json", "minimalmodbus_recorded.json"])
def test_real_frames(name: str) -> None:
    """Whatever was recorded is believed exactly if its CRC, unit, function and length are right."""
    believed = 0
    for entry in recorded(name):
        request = bytes.fromhex(entry["request"] or "")
        response = bytes.fromhex(entry["response"] or "")
        if not entry.get("request_crc_ok") or len(request) != 8 or (query := _asked(request)) is None:
            continue
        got = judged(response, query)
        right = len(response) >= 5 and crc(response[:-2]) == response[-2:] and response[0] == query.unit
        if right and response[1] == query.function and response[2] == query.size and len(response) == 5 + response[2]:
            assert got == response[3:-2] or response == request
            believed += 1
        elif not response:
            assert got == "silence"
    assert believed > 5


def test_the_siemens_manual() -> None:
    heard = bytes.fromhex("01040c43687022436760dc43679ca541d7")
    values = judged(heard, read_registers(1, 4, 1, 6))
    assert isinstance(values, bytes)
    assert [round(v, 1) for v in struct.unpack(">3f", values)] == [232.4, 231.4, 231.6]


def test_silence_after_an_echo_says_so() -> None:
    error = rtu.unanswered(QUERY.rtu, QUERY, 0.3)
    assert isinstance(error, NoAnswer)
    assert "hears itself" in error.hint
