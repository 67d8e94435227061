"""Messages of Cirbus become values by the question before them; a logger cannot write to a CVMk."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices.catalogue import load
from collector.errors import UsageError
from collector.sources.cirbus import decode
from collector.sources.cirbus.commands import COMMANDS, split
from collector.sources.cirbus.message import Message, build, search
from collector.sources.cirbus.queries import permit, question
from collector.sources.decoding import decode as decode_all
from collector.sources.telegram import Telegram, Value


def exchange(command: str, text: str, unit: int = 0) -> list[Telegram]:
    return decode(build(unit, command) + build(unit, text))


def test_the_message_that_the_manual_prints() -> None:
    assert question(0, "RVI") == b"$00RVI75\n"
    [message] = search(b"$00RVI75\n")
    assert isinstance(message, Message)
    assert (message.unit, message.text) == (0, "RVI")


def test_upper_and_lower_case_are_two_commands() -> None:
    """An old program made capitals of all commands and so stored every minimum as a maximum."""
    assert question(7, "RVM") != question(7, "RVm")
    maximum, minimum = exchange("RVM", "000000241" * 3)[1], exchange("RVm", "000000219" * 3)[1]
    assert [value.code for value in maximum.values] == ["RVM/1", "RVM/2", "RVM/3"]
    assert [value.code for value in minimum.values] == ["RVm/1", "RVm/2", "RVm/3"]


@pytest.mark.parametrize(
    ("command", "text", "values"),
    [
        ("RVI", "000000230000000231000000229000000230", [230.0, 231.0, 229.0, 230.0]),
        ("RAI", "000001234000000000000000001000000412", [1.234, 0.0, 0.001, 0.412]),
        ("RPI", "-00001500000001000-00000001-00000501", [-1.5, 1.0, -0.001, -0.501]),
        ("RPI", "    -1500     1000        0     -500", [-1.5, 1.0, 0.0, -0.5]),
        ("RPM", "000001500" * 4, [1500.0] * 4),
        ("RFI", "098100105200", [0.98, 1.0, 0.95, 0.0]),
        ("RFI", "-98201999---", [-0.98, None, None, None]),
        ("RHI", "499", [49.9]),
        ("RHI", "999", [None]),
        ("RWH", "001234567", [1234567.0]),
        ("RWH", "001234567000000089", [1234567.0, 89.0]),
        ("RVI", "*********000000231         999999999", [None, 231.0, None, None]),
    ],
)
def test_values(command: str, text: str, values: list[float | None]) -> None:
    asked, answered = exchange(command, text, 7)
    assert asked == Telegram("07")
    assert (answered.identification, answered.complete, answered.problems) == ("07", True, ())
    assert [value.value for value in answered.values] == values
    assert [value.code for value in answered.values] == [f"{command}/{n}" for n in range(1, len(values) + 1)]


def test_quantities_and_units() -> None:
    values = exchange("RPI", "000001500" * 4)[1].values
    assert values[0] == Value("RPI/1", "active_power_l1", 1.5, "kW")
    assert values[3].quantity == "active_power_total"


def test_the_version_is_part_of_the_identification() -> None:
    found = decode(build(1, "VER") + build(1, "CVMk V2.11") + build(1, "RHI") + build(1, "500"))
    assert [telegram.identification for telegram in found] == ["01", *["01 CVMk V2.11"] * 3]
    assert found[3].values == (Value("RHI/1", "frequency", 50.0, "Hz"),)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (build(0, "RVI") + build(0, "000000230"), "9 characters are not the answer to RVI"),
        (build(0, "000000230" * 4), "the question that this answers is not there"),
        (build(1, "RVI") + build(0, "000000230" * 4), "the question that this answers is not there"),
        (build(0, "RTS") + build(0, "123"), "not understood"),
    ],
)
def test_an_answer_without_its_question_has_no_values(data: bytes, problem: str) -> None:
    answered = decode(data)[-1]
    assert answered.values == ()
    assert problem in answered.problems[0]


def test_noise_cut_and_damaged_messages() -> None:
    good = build(0, "RHI") + build(0, "500")
    found = decode(b"\x00x" + good + b"$00501E9\n" + good + b"$005")
    assert [telegram.complete for telegram in found] == [True, True, False, True, True]
    assert "2 bytes before it" in found[0].problems[0]
    assert "sum" in found[2].problems[0]
    assert "cut off" in found[4].problems[0]
    assert found[1].values == found[4].values
    for fragment in (b"$00", b"00RVI75\n", b"$00RVI75", b"noise"):
        [refused] = decode(fragment)
        assert (refused.complete, refused.values) == (False, ())
        assert refused.problems
    assert decode(b"") == []
    assert not decode_all("cirbus", b"$00RVI76\n").complete


def test_every_code_of_the_model_is_a_field() -> None:
    for code in load("circutor-cvmk").codes:
        name, number = split(code.code)
        quantity = COMMANDS[name].quantities[number - 1]
        assert quantity == code.quantity or name in ("RLI", "RCI"), code


def test_only_what_reads_may_leave() -> None:
    for command in (*COMMANDS, "VER"):
        permit(question(99, command))
    for text in ("WCE000000000", "CMD", "INI", "WVI01", "RVI01", "RCL", "rvi", "RXX", "", "ver"):
        with pytest.raises(UsageError):
            permit(build(0, text))
    good = question(0, "RVI")
    for frame in (good + good, good[:-1], b" " + good, good + b"\n", b"$00RVI76\n", b"", build(0, "WCE") + good):
        with pytest.raises(UsageError):
            permit(frame)
    with pytest.raises(UsageError):
        question(100, "RVI")


@given(st.binary(max_size=40))
def test_random_bytes_may_not_leave(frame: bytes) -> None:
    with pytest.raises(UsageError):
        permit(frame)


@given(st.lists(st.integers(-99_999_999, 999_999_998), min_size=4, max_size=4))
def test_signed_numbers_survive(raw: list[int]) -> None:
    values = COMMANDS["RVI"].values("".join(f"{number:09d}" for number in raw))
    assert [value.value for value in values] == [float(number) for number in raw]


def damaged(chance: random.Random, size: int) -> bytes:
    out = bytearray()
    while len(out) < size:
        name = chance.choice(list(COMMANDS))
        command = COMMANDS[name]
        fields = "".join(f"{chance.randrange(-99, 999):0{command.width}d}" for _ in command.quantities)
        pair = bytearray(build(chance.randrange(3), name) + build(chance.randrange(3), fields))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(pair))
            match chance.randrange(3):
                case 0:
                    pair[at] = chance.randrange(256)
                case 1:
                    del pair[at:]
                    pair += b"$"
                case _:
                    pair[at:at] = chance.randbytes(chance.randrange(8))
        out += pair
    return bytes(out)


def check(data: bytes) -> int:
    telegrams = decode(data)
    believed = [found for found in search(data) if isinstance(found, Message)]
    for found in believed:
        raw = data[found.begin : found.end]
        assert raw[:1] == b"$"
        assert raw[-1:] == b"\n"
        assert sum(raw[:-3]) % 256 == int(raw[-3:-1], 16)
    whole = sum(telegram.complete for telegram in telegrams)
    assert whole == len(believed)
    assert all(telegram.problems for telegram in telegrams if not telegram.complete)
    return whole


def test_a_little_damage() -> None:
    assert check(damaged(random.Random(1), 100_000)) > 500


@pytest.mark.slow
def test_ten_million_bytes_of_damage() -> None:
    for seed in range(10):
        assert check(damaged(random.Random(seed), 1_000_000)) > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("unit", [b"$", b"\n", b"0", b"$0\n", b"$00000000E4\n"])
@pytest.mark.usefixtures("uncollected")
def test_time_grows_as_the_bytes_do(unit: bytes) -> None:
    def seconds(size: int) -> float:
        data = (unit * (size // len(unit) + 1))[:size]
        began = time.process_time()
        decode(data)
        return time.process_time() - began

    short = min(seconds(20_000) for _ in range(3))
    assert seconds(200_000) < 30 * short + 0.05
