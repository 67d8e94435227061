"""Recordings of real meters are decoded as an independent library decodes them, value by value."""

from __future__ import annotations

import pytest
from sml_dumps import DUMPS, MISSING, dump, expected

from collector.devices import catalogue
from collector.sources.iec62056.meaning import Meaning
from collector.sources.sml.decode import decode
from collector.sources.telegram import Telegram

pytestmark = pytest.mark.skipif(not DUMPS, reason=MISSING)
#: The library gives up on these; we know more.
WITH_ERROR = "EMH_eHZ-IW8E2A5L0EK2P_with_error"
UNITS = {None: "", 0: "", 8: "°", 27: "W", 30: "Wh", 33: "A", 35: "V", 44: "Hz"}


def whole(name: str) -> list[Telegram]:
    return [telegram for telegram in decode(dump(name)) if telegram.complete]


@pytest.mark.parametrize("name", [name for name in DUMPS if name != WITH_ERROR])
def test_every_value_of_every_telegram_is_the_meters(name: str):
    frames = expected(name)["frames"]
    telegrams = whole(name)
    assert len(telegrams) == len(frames)
    for telegram, frame in zip(telegrams, frames, strict=True):
        assert [value.code for value in telegram.values] == list(frame)
        for value in telegram.values:
            wanted = frame[value.code]
            assert value.unit == UNITS[wanted["unit"]]
            # The library shows a text with points in hex.
            assert wanted["value"] in (value.value, str(value.value).encode().hex()), value.code


@pytest.mark.parametrize("name", DUMPS)
def test_there_are_as_many_whole_telegrams_as_right_checks(name: str):
    assert len(whole(name)) == expected(name)["frames_with_valid_crc"]


@pytest.mark.parametrize("name", DUMPS)
def test_what_is_not_whole_has_no_values_and_says_why(name: str):
    assert all(telegram.problems and not telegram.values for telegram in decode(dump(name)) if not telegram.complete)


def test_a_value_that_is_left_out_against_the_standard_is_missing_and_told():
    for telegram in whole(WITH_ERROR):
        values = {value.code: value for value in telegram.values}
        assert values["1-0:96.50.2*6"].value is None
        assert values["1-0:1.8.0*255"].unit == "Wh"
        assert any("1-0:96.50.2*6" in problem for problem in telegram.problems)
    assert [value.value for value in whole(WITH_ERROR)[0].values if value.code == "1-0:1.8.0*255"] == [2795692.7]


def test_a_meter_whose_telegrams_never_end_gives_nothing():
    telegrams = decode(dump("DZG_DVS-7420.2V.G2_mtr1_error"))
    assert telegrams
    assert not any(telegram.values or telegram.complete for telegram in telegrams)


@pytest.mark.parametrize(
    ("name", "identification"),
    [
        ("DZG_DVS-7420.2V.G2_mtr2_neg", "DZG 1DZG0060694611"),
        ("HOLLEY_DTZ541-ZDBA", "HLY 1HLY0200239888"),
        ("EMH_eHZ361L5R", "HAGER 1001185"),
        ("EMH_eHZ-HW8E2AWL0EK2P", "EMH 01a815986480020102"),
    ],
)
def test_the_identification_is_maker_and_number(name: str, identification: str):
    assert {telegram.identification for telegram in whole(name)} == {identification}


def test_the_generic_model_understands_every_recording():
    meaning = Meaning(catalogue.load("generic-sml"))
    for name in DUMPS:
        for telegram in whole(name):
            understood = meaning.of(telegram.values)
            assert not understood.doubts
            values = {value.code: value.value for value in telegram.values}
            assert understood.values["active_energy_import"] == values.get("1-0:1.8.0*255")
            assert understood.values["active_power_total"] == values.get("1-0:16.7.0*255")


def test_fragments_at_both_ends_are_only_mentioned():
    telegrams = decode(dump("EMH-ED300L_consumption"))
    assert len(telegrams) == 1
    assert sorted(problem.split(":")[0] for problem in telegrams[0].problems) == ["before it", "behind it"]


@pytest.mark.parametrize(
    ("name", "power"),
    [("EMH-ED300L_consumption", 137.1), ("EMH_eHZ-HW8E2A5L0EK2P_2", 139.4), ("EMH_eHZ-HW8E2AWL0EK2P", 191.9)],
)
def test_the_power_of_a_meter_of_one_direction_has_no_sign(name: str, power: float):
    values = whole(name)[0].values
    assert Meaning(catalogue.load("emh-ed300l")).of(values).values["active_power_total"] == power
    assert Meaning(catalogue.load("generic-sml")).of(values).values["active_power_total"] is None
