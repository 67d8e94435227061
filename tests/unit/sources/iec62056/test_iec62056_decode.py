"""Telegrams are told apart however they arrive, and never believed against their check."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from iec62056_captures import as_7e1, check, telegram

from collector.sources.iec62056.characters import block_check, crc16, has_parity, text_of
from collector.sources.iec62056.decode import NO_CHECK, decode
from collector.sources.iec62056.identification import LINE, read
from collector.sources.telegram import Telegram

LINES = b"0.0.0(28342193)\r\n1.8.0(0033402.264*kWh)\r\n32.7.0(231.2*V)\r\n"
GOOD = telegram(LINES, b"ISK5ME162-0033")
WHOLE = decode(GOOD)[0]
PLAIN = b"/HAG5eHZ\r\n\r\n1-0:1.8.0*255(000001.2963)\r\n!\r\n"


def values(found: Telegram) -> dict[str, float | str | None]:
    return {value.code: value.value for value in found.values}


def test_a_telegram_is_read() -> None:
    assert WHOLE.identification == "ISK5ME162-0033"
    assert WHOLE.complete
    assert WHOLE.problems == ()
    assert values(WHOLE) == {"0.0.0": "28342193", "1.8.0": 33402.264, "32.7.0": 231.2}
    assert [value.quantity for value in WHOLE.values] == [None, "active_energy_import", "voltage_l1_n"]


@pytest.mark.parametrize(
    "before",
    [b"/?!\r\n", b"/?28342193!\r\n", b"\x7f" * 20, b"\0" * 66 + b"/?!\r\n", b"\xff\x00\x83", b"\r\n"],
    ids=["echo", "echo with address", "wake-up", "wake-up and echo", "noise", "line end"],
)
def test_what_comes_before_does_not_matter(before: bytes) -> None:
    assert values(decode(before + GOOD)[-1]) == values(WHOLE)
    assert decode(before + GOOD)[-1].complete


def test_the_echo_of_the_acknowledgement_is_skipped() -> None:
    identification, _, block = GOOD.partition(b"\x02")
    assert decode(identification + b"\x06050\r\n\x02" + block) == [WHOLE]
    assert decode(identification + b"\x06050\r\n\x91\xe6\x00\x02" + block) == [WHOLE]  # noise of the change of speed


def test_seven_bits_without_parity_read_as_eight() -> None:
    [found] = decode(bytes(byte | 0x80 for byte in GOOD))
    assert (found.complete, found.values) == (True, WHOLE.values)
    assert found.problems == ("the line is 7N1 and was read as 8N1: the stop bit was taken off",)


def partial(lines: bytes, end: bytes) -> bytes:
    return b"\x02" + lines + end + bytes([check(lines + end)])


def test_partial_blocks_belong_together() -> None:
    first, last = partial(LINES[:17], b"\x04"), partial(LINES[17:] + b"!\r\n", b"\x03")
    for between in (b"", b"\x06", b"\x15"):  # the reader acknowledges each block
        found = decode(b"/ISK5ME162-0033\r\n" + first + between + last)
        assert all(telegram.complete and not telegram.problems for telegram in found)
        assert {code: value for telegram in found for code, value in values(telegram).items()} == values(WHOLE)
    [alone] = decode(b"/ISK5ME162-0033\r\n" + first)
    assert not alone.complete
    assert alone.problems == ("the blocks that were to follow (EOT) are not there",)
    wrong, _ = decode(b"/ISK5ME162-0033\r\n" + first[:5] + b"\x7e" + first[6:] + last)
    assert not wrong.complete
    assert wrong.values == ()


def test_the_block_check_may_be_any_character() -> None:
    """CR, LF, ETX, STX, "/" and "!" among them, and another telegram right behind."""
    letters = [bytes([a, b]) for a in b"0123456789ABCDEFGHIJ" for b in range(32, 127) if b not in b"()"]
    by_check = {telegram(b"%c.0(%c)\r\n" % (a, b))[-1]: telegram(b"%c.0(%c)\r\n" % (a, b)) for a, b in letters}
    assert set(by_check) == set(range(128))
    for wanted, text in by_check.items():
        first, second = decode(text + GOOD)
        assert first.complete, wanted
        assert second == WHOLE, wanted


@example(GOOD.index(2), 1)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 7))
def test_one_bit_turned_over_is_never_believed(at: int, bit: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] ^= 1 << bit
    for found in decode(bytes(damaged)):
        if found.complete:
            assert values(found) == values(WHOLE)  # in the identification, which no check covers
            assert at < GOOD.index(2)
        elif found.values:
            pytest.fail(f"values of a damaged telegram: {found}")


@given(st.integers(0, len(GOOD) - 1))
def test_one_character_damaged_on_a_7e1_line_is_seen_by_its_parity(at: int) -> None:
    damaged = bytearray(as_7e1(GOOD))
    damaged[at] ^= 0x10
    for found in decode(bytes(damaged)):
        assert not found.values or (at < GOOD.index(2) and values(found) == values(WHOLE))


def test_a_wrong_check_says_what_was_computed_and_what_stands_there() -> None:
    (found,) = decode(GOOD[:-1] + bytes([GOOD[-1] ^ 1]))
    assert (found.values, found.complete) == ((), False)
    assert f"0x{GOOD[-1]:02x} computed" in found.problems[0]
    assert f"0x{GOOD[-1] ^ 1:02x} stands there" in found.problems[0]


@given(st.lists(st.sampled_from([GOOD, PLAIN]), min_size=1, max_size=6))
def test_glued_telegrams_are_all_found(pieces: list[bytes]) -> None:
    found = decode(b"".join(pieces))
    assert len(found) == len(pieces)
    assert all(one.complete for one in found)


@given(st.integers(1, len(GOOD) - 1))
def test_a_reader_that_joins_in_the_middle_gets_the_next_telegram(cut: int) -> None:
    found = decode(GOOD[cut:] + GOOD)
    assert [one.complete for one in found[-1:]] == [True]
    assert values(found[-1]) == values(WHOLE)
    for one in found[:-1]:  # the cut one had lost no more than its identification, which no check covers
        assert not one.values or (one.complete and values(one) == values(WHOLE))


@given(st.integers(1, len(PLAIN) - 4), st.integers(1, len(PLAIN) - 1))
def test_a_cut_plain_telegram_never_lends_its_code(end: int, start: int) -> None:
    """31.7.0 that has lost its first digit would be 1.7.0: what begins in the middle names no quantity."""
    for found in decode(PLAIN[start:end]):
        assert not found.complete
        assert not [value for value in found.values if value.quantity and found.identification == ""]


def test_plain_lines_have_no_check_and_say_so() -> None:
    (found,) = decode(PLAIN)
    assert found.complete
    assert found.problems == (NO_CHECK,)


def test_a_crc_is_checked_where_there_is_one() -> None:
    text = b"/ISk5\\2MT382-1000\r\n\r\n1-0:1.8.1(000004.426*kWh)\r\n!"
    right = crc16(text)
    assert decode(text + b"%04X\r\n" % right)[0].complete
    (wrong,) = decode(text + b"%04X\r\n" % (right ^ 1))
    assert (wrong.values, wrong.complete) == ((), False)
    assert f"{right:04X} computed, {right ^ 1:04X} stands there" in wrong.problems[0]
    assert crc16(b"123456789") == 0xBB3D  # the check value of CRC-16/ARC


def test_a_block_without_its_first_character_is_proved_by_its_check() -> None:
    (found,) = decode(GOOD.replace(b"\x02", b""))
    assert values(found) == values(WHOLE)
    assert "STX" in found.problems[0]


def test_answers_of_programming_mode_are_blocks_without_identification() -> None:
    answer = b"1.8.0(0033402.264*kWh)\x03"
    command = b"\x01R5\x021.8.0()\x03a"
    (found,) = decode(command + b"\x02" + answer + bytes([check(answer)]))
    assert found.complete
    assert values(found) == {"1.8.0": 33402.264}


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data: bytes) -> None:
    for found in decode(data):
        assert found.complete or found.problems


@given(st.text("()*/!.&019AF\r\n\x02\x03\x06\x01 -:", max_size=200))
def test_any_punctuation_is_taken(text: str) -> None:
    for found in decode(text.encode()):
        assert found.complete or found.problems


@given(st.binary(max_size=200).map(lambda data: bytes(byte & 0x7F for byte in data)))
def test_parity_is_recognised_and_taken_off(text: bytes) -> None:
    sent = as_7e1(text)
    if sent != text:
        assert has_parity(sent)
    assert text_of(sent) == text


@given(st.binary(max_size=100))
def test_the_block_check_is_the_exclusive_or(data: bytes) -> None:
    assert block_check(data) == check(data)


@pytest.mark.parametrize(
    ("line", "mode", "speed"),
    [
        ("ISK5ME162-0033", "C", 9600),
        ("LGZ5\\2ZMD3104407.B24", "C", 9600),
        ("SIEB2WR5", "B", 1200),
        ("KAM 685-382", "A", 300),
        ("XYZ9", "A", 300),
        ("ABC0", "C", 300),
    ],
)
def test_an_identification_tells_mode_and_speed(line: str, mode: str, speed: int) -> None:
    found = LINE.fullmatch(f"/{line}\r\n".encode())
    assert found
    who = read(found)
    assert (who.text, who.manufacturer, who.mode, who.speed) == (line, line[:3], mode, speed)


def test_nothing_is_no_telegram() -> None:
    assert decode(b"") == []
    assert decode(b"\r\n\0\x7f") == []
    (noise,) = decode(b"hello")
    assert not noise.complete
