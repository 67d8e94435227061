"""Numbers are taken out of whatever devices publish, and nothing that is none becomes one."""

from __future__ import annotations

import json
import math
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import BadAnswer
from collector.sources.mqtt.payload import LONGEST, document, number, numbers, word

KEYS = st.text(string.ascii_letters + string.digits + ":_ -", min_size=1, max_size=8).filter(
    lambda key: not key.isdigit()
)
SENSOR = (
    b'{"Time":"2026-11-20T09:15:03","ENERGY":{"Total":235.645,"Power":[24,null,-1.5e2],"Factor":0.96},'
    b'"SML":{"1.8.0":12345.678,"em:0":{"a_voltage":231.9}},"s":"17.5"}'
)


def one(payload: bytes, path: str) -> object:
    return dict(numbers(payload, (path,))).get(path, "absent")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ENERGY.Total", 235.645), ("ENERGY.Power.0", 24.0), ("ENERGY.Power.1", None), ("ENERGY.Power.2", -150.0),
        ("ENERGY.Power", None), ("ENERGY.Power.3", "absent"), ("ENERGY.Power.-1", "absent"),
        ("ENERGY.Power.x", "absent"),
        ("SML.1.8.0", 12345.678), ("SML.em:0.a_voltage", 231.9), ("s", 17.5), ("Time", None), ("Time.0", "absent"),
        ("energy.total", "absent"), ("ENERGY.Total.x", "absent"),
    ],
)  # fmt: skip
def test_a_path_leads_to_its_number(path: str, value: object) -> None:
    assert one(SENSOR, path) == value


@given(st.lists(KEYS, min_size=1, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_what_was_put_at_a_path_is_found_there(keys: list[str], value: float) -> None:
    whole: object = value
    for key in reversed(keys):
        whole = {"other": 1, key: whole}
    assert one(json.dumps(whole).encode(), ".".join(keys)) == value


@given(st.floats(-1e15, 1e15, allow_subnormal=False))
def test_a_plain_number_is_read_as_it_stands(value: float) -> None:
    for text in (f" {value:.6f}\n", f"{value:.9e}"):
        assert one(text.encode(), "") == float(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "unavailable",
        "None",
        "null",
        "true",
        "1,5",
        "1_000",
        "230 V",
        "0x1F",
        "٣",
        "1e999",
    ],
)
def test_what_is_no_number_gives_none(text: str) -> None:
    assert one(text.encode(), "") is None
    assert one(json.dumps({"x": text}).encode(), "x") is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "true", "[]", "{}", "1" + "0" * 400, "null"])
def test_json_that_is_no_number_gives_none_and_its_neighbours_their_values(text: str) -> None:
    payload = f'{{"x":{text},"y":5}}'.encode()
    assert (one(payload, "x"), one(payload, "y")) == (None, 5.0)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b"{", "json"), (b"", "json"), (b"[" * LONGEST, "json"), (b'{"a":' * 10000, "json"), (b"1" * LONGEST, "json"),
     (b"\xff", "text"), (b" " * (LONGEST + 1), "size")],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_the_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as refusal:
        document(payload)
    assert refusal.value.reason == reason


def test_a_state_is_read_plainly_and_from_json() -> None:
    assert word(b"Online", "") == word(b" Online ", "state") == word(b'{"state":"Online"}', "state") == "Online"
    assert word(b'{"state":1}', "state") == ""


@given(st.binary(max_size=300), st.sampled_from(["", "a", "a.b", "0.1", "..", "#"]))
def test_any_payload_is_read_or_refused(payload: bytes, path: str) -> None:
    try:
        found = dict(numbers(payload, (path,)))
    except BadAnswer:
        return
    assert all(value is None or math.isfinite(value) for value in found.values())


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text(), st.lists(st.integers())))
def test_a_number_is_finite_or_none(found: object) -> None:
    value = number(found)
    assert value is None or math.isfinite(value)


@pytest.mark.slow
def test_ten_million_bytes_of_damaged_json_are_read_or_refused() -> None:
    chance, eaten = random.Random(1883), 0
    paths = ("ENERGY.Total", "ENERGY.Power.2", "SML.1.8.0", "SML.em:0.a_voltage", "s")
    while eaten < 10_000_000:
        data = bytearray(SENSOR)
        for _ in range(chance.randrange(1, 5)):
            spot = chance.randrange(len(data))
            data[spot : spot + chance.randrange(3)] = bytes(
                chance.choices(b'{}[]",:.0123456789eE+-ntf\\u\xc3\xff', k=chance.randrange(3))
            )
        eaten += len(data)
        try:
            found = dict(numbers(bytes(data), paths))
        except BadAnswer:
            continue
        assert all(value is None or math.isfinite(value) for value in found.values())
