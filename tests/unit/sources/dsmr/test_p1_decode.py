"""Telegrams of real meters are read as an independent library reads them; what is damaged gives no value."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from p1_captures import FOLDER, LINES, capture, crc, expected, telegram, telegrams

from collector.sources.dsmr.decode import NO_CRC, decode
from collector.sources.iec62056.decode import NO_CHECK

needs_captures = pytest.mark.skipif(not FOLDER.is_dir(), reason="the captures are not here")


def _measured(parsed: Any) -> list[tuple[float, str]]:
    """Every number with a unit that the other library found, wherever it stands."""
    if isinstance(parsed, list):
        return [found for entry in parsed for found in _measured(entry)]
    if not isinstance(parsed, dict):
        return []
    if isinstance(parsed.get("value"), float) and parsed.get("unit"):
        return [(parsed["value"], parsed["unit"])]
    return [found for entry in parsed.values() for found in _measured(entry)]


@needs_captures
@pytest.mark.parametrize("path", telegrams(), ids=lambda path: path.stem)
def test_a_telegram_is_read_as_another_library_reads_it(path: Path) -> None:
    about = expected(path)
    (found,) = decode(path.read_bytes())
    assert found.complete
    header = found.identification.replace("\\x02", "\x02")  # what the other library's example has for "\\2"
    assert path.read_bytes().startswith(b"/" + header.encode())
    said = sorted((value.value, value.unit) for value in found.values if isinstance(value.value, float) and value.unit)
    for measured in _measured(about["values"]):
        said.remove(measured)
    texts = {value.value for value in found.values}
    values = about["values"] or {}
    assert {entry["value"] for entry in values.values() if "value" in entry and isinstance(entry["value"], str)
            and not entry["value"].startswith("20")} <= texts  # fmt: skip


@needs_captures
def test_gas_of_a_second_line_has_its_code_and_unit() -> None:
    (found,) = decode(capture("ndokter-dsmr_parser/TELEGRAM_V2_2.txt"))
    assert [(value.value, value.unit, value.quantity) for value in found.values if value.code == "0-1:24.2.1"] == [
        (1.001, "m3", None)
    ]
    assert found.problems == (NO_CHECK,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("nielsbasjes-dsmr-tools/ttyUSB0-raw.crlf.bin", 566),
        ("peterzandbergen-iec62056/portmon.out.txt", 25),
        ("peterzandbergen-iec62056/resources_portmon.out.txt", 6),
    ],
)
def test_streams_joined_in_the_middle(name: str, count: int) -> None:
    found = decode(capture(name))
    assert len(found) == count
    assert all(telegram.complete and telegram.values for telegram in found)
    times = [value.value for one in found for value in one.values if value.code == "0-0:1.0.0"]
    assert times == sorted(set(map(str, times)))


@pytest.mark.parametrize("name", ["lvzon-dsmr-p1-parser/p1-example-4.0.txt", "nielsbasjes-dsmr-tools/ttyUSB0-mini.txt"])
def test_a_wrong_crc_gives_no_value_and_both_crcs(name: str) -> None:
    found = decode(capture(name))
    assert not any(one.values or one.complete for one in found)
    assert any("wrong CRC: " in problem and " stands there" in problem for one in found for problem in one.problems)


def test_units_quantities_and_times_as_written() -> None:
    (found,) = decode(telegram())
    assert [(v.code, v.quantity, v.value, v.unit) for v in found.values if v.code != "0-0:96.1.1"] == [
        ("1-3:0.2.8", None, "50", ""),
        ("0-0:1.0.0", None, "241105120000W", ""),
        ("1-0:1.8.1", "active_energy_import_t1", 4.426, "kWh"),
        ("1-0:1.8.2", "active_energy_import_t2", 2.399, "kWh"),
        ("1-0:1.7.0", None, 0.244, "kW"),
        ("1-0:2.7.0", None, 0.0, "kW"),
        ("0-1:96.1.0", None, "3232323241424344313233343536373839", ""),
        ("0-1:24.2.1", None, "241105120000W", ""),
        ("0-1:24.2.1", None, 0.107, "m3"),
    ]


def test_a_later_meter_that_lost_its_crc_is_not_believed() -> None:
    (found,) = decode(telegram()[:-6] + b"\r\n")
    assert (found.complete, found.values) == (False, ())
    assert NO_CRC in found.problems


def test_a_crc_without_its_zeros() -> None:
    number = next(n for n in range(10000) if crc(b"/ABC5X\r\n\r\n1-0:1.7.0(%05d*W)\r\n!" % n) < 0x1000)
    checked = b"/ABC5X\r\n\r\n1-0:1.7.0(%05d*W)\r\n!" % number
    (found,) = decode(checked + b"%X\r\n" % crc(checked))
    assert found.complete
    assert found.values[0].value == number


def test_parity_of_an_old_meter_on_a_port_without() -> None:
    old = b"/ISk5\\2MT382-1004\r\n\r\n1-0:1.8.1(00001.001*kWh)\r\n!\r\n"
    (found,) = decode(bytes(byte | (byte.bit_count() % 2) << 7 for byte in old))
    assert (found.complete, found.values[0].value) == (True, 1.001)


@given(st.binary(max_size=300), st.integers(0, len(LINES)))
def test_any_bytes_are_taken(noise: bytes, at: int) -> None:
    for found in decode(telegram()[:at] + noise + telegram()[at:]):
        assert found.complete or not found.values


def _proved(data: bytes) -> set[bytes]:
    """The header and the CRC of everything in the data whose CRC agrees, found the slow way."""
    proved, ends = set(), [at for at in range(len(data)) if data[at : at + 1] == b"!"]
    for start in (at for at in range(len(data)) if data[at : at + 1] == b"/"):
        for end in ends:
            digits = data[end + 1 : end + 81].split(b"\r")[0].split(b"\n")[0].strip()
            if start < end and digits[:4].isalnum() and crc(data[start : end + 1]) == _number(digits):
                proved.add(data[start + 1 : start + 4])
    return proved


def _number(digits: bytes) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return -1


@pytest.mark.slow
def test_ten_million_damaged_bytes() -> None:
    """No exception, nothing accepted that is not proved, and work that is linear in the length."""
    chance, whole = Random(5), telegram()
    said, taken, seen = set(decode(whole)[0].values), 0, 0
    pieces: list[bytes] = []
    while taken < 10_000_000:
        damaged = bytearray(whole)
        for _ in range(chance.choice((0, 1, 1, 2, 5, 30))):
            at = chance.randrange(len(damaged))
            kind = chance.randrange(4)
            if kind == 0:
                damaged[at] ^= 1 << chance.randrange(8)
            elif kind == 1:
                del damaged[at : at + chance.randrange(1, 40)]
            elif kind == 2:
                damaged[at:at] = chance.randbytes(chance.randrange(1, 20))
            else:
                damaged[at] = chance.choice(b"!/()\r\n*\x02\x03\xdb")
            if not damaged:
                break
        pieces.append(bytes(damaged))
        taken += len(damaged)
    for piece in pieces:
        for found in decode(piece):
            seen += found.complete
            if found.complete and NO_CHECK not in found.problems:
                assert set(found.values) == said or _proved(piece)
            else:
                assert not found.values or not any(value.code in ("1-3:0.2.8", "0-0:1.0.0") for value in found.values)
    assert seen > len(pieces) // 7
    durations = []
    for count in (len(pieces) // 4, len(pieces)):
        stream = b"".join(pieces[:count])
        before = time.process_time()
        decode(stream)
        durations.append((time.process_time() - before) / len(stream))
    assert durations[1] < 2.5 * durations[0]
