"""A SunSpec meter is found wherever its chain of models stands, and nothing is believed that stands elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from modbus_meters import everything, hang_up, source
from modbus_peer import Memory, Peer, exception, silent

from collector.config.settings import LineSettings
from collector.devices import catalogue
from collector.errors import BadAnswer, NoAnswer
from collector.model.reading import Sample
from collector.sources.factory import open_wire
from collector.sources.modbus.scan import scan
from collector.sources.modbus.source import ModbusSource
from collector.sources.modbus.sunspec import MOST_MODELS, discover
from collector.sources.simulator import SimulatedMeter, serve_tcp
from collector.sources.ticker import SystemTicker

BAUD = 115200
METER = catalogue.load("sunspec-meter")
FLOATS = catalogue.load("sunspec-meter-float")
NO_VALUE, NO_ACC = -32768, 0


def common(serial: str = "S1", length: int = 66) -> bytes:
    texts = ((b"Acme", 32), (b"Meter 3", 32), (b"", 16), (b"1.2", 16), (serial.encode(), 32))
    body = b"".join(text.ljust(size, b"\0") for text, size in texts) + struct.pack(">HH", 1, 0x8000)
    return struct.pack(">HH", 1, length) + body[: 2 * length]


def wye(number: int = 203, **changed: int) -> bytes:
    """Model 203 (SunSpec model definition 203): 230.5 V, 4.2 A, 966 W and so on; `changed` by the point's name."""
    points = {
        "A": 42, "AphA": 42, "AphB": NO_VALUE, "AphC": 0, "A_SF": -1,
        "PhV": 2305, "PhVphA": 2305, "PhVphB": 2306, "PhVphC": NO_VALUE,
        "PPV": 3990, "PhVphAB": 3990, "PhVphBC": 3991, "PhVphCA": 3992, "V_SF": -1,
        "Hz": 5001, "Hz_SF": -2, "W": -96, "WphA": -96, "WphB": 0, "WphC": 0, "W_SF": 1,
        "VA": 970, "VAphA": 970, "VAphB": 0, "VAphC": 0, "VA_SF": 0,
        "VAR": 12, "VARphA": 12, "VARphB": 0, "VARphC": 0, "VAR_SF": NO_VALUE,
        "PF": -99, "PFphA": -99, "PFphB": NO_VALUE, "PFphC": NO_VALUE, "PF_SF": 0,
        "TotWhExp": 1234567, "TotWhExpPhA": NO_ACC, "TotWhExpPhB": NO_ACC, "TotWhExpPhC": NO_ACC,
        "TotWhImp": 7654321, "TotWhImpPhA": NO_ACC, "TotWhImpPhB": NO_ACC, "TotWhImpPhC": NO_ACC, "TotWh_SF": 0,
    }  # fmt: skip
    points |= changed
    coded = b"".join(struct.pack(">I" if name.startswith("TotWh") and name != "TotWh_SF" else ">h", value)
                     for name, value in points.items())  # fmt: skip
    return struct.pack(">HH", number, 105) + coded.ljust(210, b"\0")


def chain(base: int, models: Sequence[bytes], end: bytes = b"\xff\xff\0\0") -> Memory:
    return Memory({base: b"SunS" + b"".join(models) + end})


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer({7: Memory({})}, baud=BAUD) as peer:
        yield peer


def on(peer: Peer) -> LineSettings:
    return LineSettings("rs485", port=peer.port, baud=BAUD, timeout=0.1)


def reader(peer: Peer, memory: Memory, model: str = "sunspec-meter") -> ModbusSource:
    peer.units[7] = memory
    return source(catalogue.load(model), on(peer), unit=7)


def read(meter: ModbusSource) -> Sample:
    return meter.read(everything(meter))


@pytest.mark.parametrize("base", [40000, 50000, 0, 39999])
@pytest.mark.parametrize("number", [201, 204])
def test_a_meter_is_found_at_every_base(peer: Peer, base: int, number: int) -> None:
    meter = reader(peer, chain(base, [common(), wye(number)]))
    sample = read(meter)
    assert not sample.failed
    assert sample.values["voltage_l1_n"] == 230.5
    assert sample.values["frequency"] == 50.01
    assert sample.values["active_power_total"] == -960.0
    assert sample.values["power_factor_total"] == -0.99
    assert sample.values["active_energy_import"] == 7654321.0
    assert sample.evidence == {"serial": "S1"}
    peer.requests.clear()
    assert read(meter).values == sample.values
    assert [request[5] for request in peer.requests] == [55], "one request, and no look at the chain"


def test_what_is_not_implemented_is_missing(peer: Peer) -> None:
    values = read(reader(peer, chain(40000, [common(), wye()]))).values
    for name in ("current_l2", "voltage_l3_n", "power_factor_l2", "active_energy_export_l1"):
        assert values[name] is None, name
    assert values["reactive_power_total"] is None, "a value without its exponent is none"
    assert values["current_l3"] == 0.0, "a measured zero is a value"


def test_an_exponent_that_changes_takes_its_values_along(peer: Peer) -> None:
    memory = chain(40000, [common(), wye()])
    meter = reader(peer, memory)
    assert read(meter).values["current_l1"] == 4.2
    memory.put(40002 + 68, wye(AphA=420, A_SF=-2, W=960, W_SF=0))
    values = read(meter).values
    assert (values["current_l1"], values["active_power_total"]) == (4.2, 960.0)


def test_the_serial_number_is_that_of_the_model_1_before_the_meter(peer: Peer) -> None:
    inverter = struct.pack(">HH", 103, 50) + bytes(100)
    meter = reader(peer, chain(40000, [common("INVERTER", 65), inverter, common("METER", 65), wye()]))
    assert read(meter).evidence == {"serial": "METER"}


def test_floats_are_read_where_they_are_and_nan_is_missing(peer: Peer) -> None:
    values = [float(k) for k in range(1, 62)]
    values[13], values[3] = 966.5, float("nan")
    body = struct.pack(">HH61f", 213, 124, *values) + bytes(4)
    sample = read(reader(peer, chain(50000, [common(), body]), "sunspec-meter-float"))
    assert sample.values["active_power_total"] == 966.5
    assert sample.values["current_l3"] is None
    assert sample.values["voltage_l1_n"] == 6.0
    assert sample.values["active_energy_import"] == 34.0


BROKEN = {
    "no meter": [common()],
    "an empty chain": [],
    "a model of no length": [common(), struct.pack(">HH", 203, 0)],
    "a model that runs out of the addresses": [common(), struct.pack(">HH", 160, 0xFF00)],
    "a model number 0": [common(), struct.pack(">HH", 0, 4)],
    "more models than there can be": [struct.pack(">HHH", 160, 1, 0)] * (MOST_MODELS + 1),
}


@pytest.mark.parametrize("models", BROKEN.values(), ids=BROKEN.keys())
def test_a_chain_without_a_meter_or_end_gives_an_error_and_no_value(peer: Peer, models: list[bytes]) -> None:
    meter = reader(peer, chain(40000, models))
    for _ in range(2):
        with pytest.raises(BadAnswer, match=r"SunSpec"):
            read(meter)
    assert len(peer.requests) < 2 * MOST_MODELS + 20


def test_without_a_marker_there_is_no_meter(peer: Peer) -> None:
    with pytest.raises(BadAnswer, match="no SunSpec meter"):
        read(reader(peer, Memory({40000: b"Suns" + common() + wye()})))


def test_another_device_after_a_silence_is_found_anew(peer: Peer) -> None:
    meter = reader(peer, chain(40000, [common("OLD"), wye()]))
    assert read(meter).evidence == {"serial": "OLD"}
    peer.faults.append(silent)
    with pytest.raises(NoAnswer):
        read(meter)
    peer.units[7] = chain(0, [common("NEW"), wye(204, TotWhImp=5)])
    meter.probe()
    sample = read(meter)
    assert sample.evidence == {"serial": "NEW"}
    assert sample.values["active_energy_import"] == 5.0


def test_models_that_move_give_no_value_until_they_are_found_again(peer: Peer) -> None:
    meter = reader(peer, chain(40000, [common(), wye()]))
    read(meter)
    extra = struct.pack(">HH", 160, 200) + b"\x12\x34" * 200
    peer.units[7] = chain(40000, [common(), extra, wye(PhVphA=2299)])
    with pytest.raises(BadAnswer, match="moved"):
        read(meter)
    assert read(meter).values["voltage_l1_n"] == 229.9


def test_a_device_that_has_nothing_there_any_more_is_looked_at_again(peer: Peer) -> None:
    meter = reader(peer, chain(40000, [common(), wye()]))
    read(meter)
    peer.units[7] = chain(50000, [common("S2"), wye()])
    assert set(read(meter).values.values()) == {None}
    assert read(meter).evidence == {"serial": "S2"}


def test_a_refusal_at_one_base_is_no_refusal_at_the_next(peer: Peer) -> None:
    meter = reader(peer, chain(50000, [common(), wye()]))
    peer.faults.extend([exception(1), exception(3)])
    assert read(meter).values["voltage_l1_n"] == 230.5


def test_what_people_ask_for_is_read_at_the_right_place(peer: Peer) -> None:
    meter = reader(peer, chain(0, [common(), wye()]))
    kept = {one.name: one.value for one in meter.kept()}
    assert kept["current_sum"] == 4.2
    hang_up(meter)


def test_discover_tells_scan_what_it_is(peer: Peer) -> None:
    peer.units[7] = chain(40000, [common(), wye()])
    wire = open_wire(on(peer), SystemTicker())
    found = discover(wire, 7, 0.1)
    assert found is not None
    assert (found.common.maker, found.common.model, found.common.serial) == ("Acme", "Meter 3", "S1")
    assert found.numbers == (1, 203)
    peer.units[7] = Memory({40000: b"Suns"})
    assert discover(wire, 7, 0.1) is None
    peer.units[7] = chain(40000, [struct.pack(">HH", 1, 0)])
    assert discover(wire, 7, 0.1) is None
    assert discover(wire, 8, 0.1) is None, "nobody there"
    wire.close()


def test_scan_names_the_model_and_who_made_it(peer: Peer) -> None:
    peer.units[7] = chain(40000, [common(), wye()])
    wire = open_wire(on(peer), SystemTicker())
    models = [catalogue.load(name) for name in ("siemens-pac3100", "sunspec-meter-float", "sunspec-meter")]
    (found,) = scan(wire, [7], models, SystemTicker())
    assert (found.identity.vendor, found.identity.product) == ("Acme", "Meter 3")
    assert [candidate.model for candidate in found.candidates] == ["sunspec-meter"]
    wire.close()


@pytest.mark.parametrize("model", [METER, FLOATS], ids=lambda model: model.name)
def test_the_simulated_meter_is_read_whole(model) -> None:  # type: ignore[no-untyped-def]
    simulated = SimulatedMeter(model, clock=lambda: 1000.0)
    with serve_tcp({7: simulated}, "127.0.0.1", 0, "tcp") as net:
        meter = source(model, replace(LineSettings("net", host="127.0.0.1"), tcp_port=net.port), unit=7)
        values = read(meter).values
        hang_up(meter)
    for name, value in values.items():
        expected = simulated.value(name)
        assert expected is not None
        if value is None:
            assert expected == 0, f"{name}: a counter at 0"
        else:
            assert value == pytest.approx(expected, rel=1e-3, abs=1.0), name
