"""Tariffs as people write them: the how-to's load, every mistake is told at once, files of their own work."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from config_text import MODELS

from collector.config import calendars
from collector.config.load import load
from collector.errors import ConfigError
from collector.model.holidays import easter, is_holiday, on
from collector.model.tariff import Tariff, fingerprint, tariff_of

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "enter-a-tariff.md"
EXAMPLES = [
    text for text in re.findall(r"```toml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.S) if "[[tariff]]" in text
]
BASE = '[[line]]\nname = "l"\nport = "/dev/x"\n' + "".join(
    f'[[meter]]\nname = "{name}"\nmodel = "siemens-pac3100"\nline = "l"\nunit = {number}\n'
    for number, name in enumerate(("house", "casa", "works", "heat-pump"), 1)
)


def loaded(folder: Path, text: str) -> tuple[Tariff, ...]:
    path = folder / "phaselog.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return load(path, MODELS).tariffs


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        loaded(folder, text)
    return [f"{mistake} | {mistake.hint}" for mistake in raised.value.mistakes]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split('"')[1])
def test_the_examples_of_the_how_to_load(tmp_path, text):
    found = loaded(tmp_path, text)
    assert found
    assert all(band.windows for band in found[0].bands[:-1])


def test_examples_stand_together_in_a_file_of_their_own(tmp_path):
    (tmp_path / "tariffs.toml").write_text("".join(EXAMPLES), encoding="utf-8")
    found = loaded(tmp_path, '[energy]\ntariff_files = ["tariffs.toml"]\n')
    assert len(found) == 5
    assert tariff_of(found, "house", date(2026, 6, 30)).name == "Groen vast"
    assert tariff_of(found, "house", date(2026, 7, 1)).name == "Groen vast, juli"
    assert tariff_of(found, "house", date(2025, 12, 31)) is None
    assert found[0].bands[0].price == Decimal("0.2289"), "as it is written, no binary fraction"
    assert fingerprint(found) == fingerprint(loaded(tmp_path, '[energy]\ntariff_files = ["tariffs.toml"]\n'))


def test_all_mistakes_at_once(tmp_path):
    said = "\n".join(
        mistakes(
            tmp_path,
            """
[[tariff]]
name = "a"
valid_from = "2026-01-01"
currency = "euro"
meters = ["hous"]
holidays = ["atlantis"]
registers = { t1 = "lo", t9 = "x" }
colour = "green"
  [[tariff.band]]
  name = "low"
  price = "cheap"
  when = { days = ["monday"], from = "07:10", season = "13-01/02-30" }
  [[tariff.band]]
  name = "low"
  [[tariff.band]]
  name = "rest"
  price = 0.1234567
  when = { from = "08:00", to = "08:00" }
  [[tariff.tier]]
  up_to = 100
  price = 1
  [[tariff.tier]]
  up_to = 50
  price = 1
  [[tariff.demand]]
  price = 1
  bands = ["noon"]
  [[tariff.reactive]]
  power_factor = 1.5
  [[tariff.tax]]
  name = "x"
  percent = 60
  inside = true
  on = ["air"]
  [[tariff.tax]]
  name = "y"
  percent = 60
  inside = true
  [tariff.market]
  url = "ftp://x"
  file = "y"
""",
        )
    )
    for part in (
        "tariff[0].valid_from: 2026-01-01 is no date",
        'currency: "euro" cannot be used here',
        'no meter is called "hous"',
        'did you mean "house"',
        'no calendar is called "atlantis"',
        'no band is called "lo"',
        'unknown key "colour"',
        "band[0].price: cheap is no amount",
        "band[0].when[0].days",
        '"07:10" cannot be used here',
        "names a day that no year has",
        'a second band is called "low"',
        "band[1].when: is missing",
        "band[2].price: 0.1234567 is no amount",
        "band[2].when: stands in the last band",
        "begins when it ends",
        "tier[1].up_to: stands in the last tier",
        "is not above that of the tier before",
        'demand[0].bands: no band is called "noon"',
        "reactive[0].price: is missing",
        "1.5 is out of range",
        "tax[0].on",
        "those inside the sum make up all of it",
        "market.url",
        "market: names no source, or two",
    ):
        assert part in said, f"{part}\n---\n{said}"


BAND = '[[tariff.band]]\nname = "all"\n'


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("tariff = 3", "is not a list of tables"),
        ("[tariff]\n", "is not a list of tables"),
        ('[[tariff]]\nname = "a"\nvalid_from = 2026-01-01\ncurrency = "EUR"\n', "band: is missing"),
        (f'[[tariff]]\nname = "a"\nvalid_from = 2026-01-01\ncurrency = "EUR"\n{BAND}' * 2, "begins for meter"),
        ('[[tariff]]\nname = "a"\nvalid_from = 2026-01-01T00:00:00\ncurrency = "EUR"\n' + BAND, "is no date"),
        ('[[tariff]]\nname = "a"\nvalid_from = 2026-01-01\ncurrency = "EUR"\nband = 3\ntier = [4]\n', "list of tables"),
        ('[energy]\ntariff_files = ["nowhere.toml"]\n', "no such file"),
        ('[energy]\ntariff_files = ["phaselog.toml"]\n', "does not belong here"),
        ("[[tariff]]\nband = [{when = 3}]\nregisters = 3\nmarket = 3\nmeters = 3\n", "is missing"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path, text, part):
    place = "" if text.startswith("tariff =") else BASE
    path = tmp_path / "phaselog.toml"
    path.write_text(text + "\n" + BASE if not place else BASE + text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, MODELS)
    assert any(part in f"{mistake}" for mistake in raised.value.mistakes), raised.value.mistakes


def test_every_calendar_is_right_every_year():
    assert set(calendars.names()) == {"br", "de", "fr", "nl", "pt", "us"}
    for name in calendars.names():
        assert calendars.title(name)
        for year in (1999, 2024, 2026, 2100):
            assert all(on(rule, year) for rule in calendars.rules(name))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("nl", date(2026, 4, 6)), ("nl", date(2026, 5, 14)), ("nl", date(2026, 4, 27)), ("br", date(2026, 4, 3)),
        ("br", date(2026, 11, 20)), ("de", date(2026, 10, 3)), ("fr", date(2026, 7, 14)), ("pt", date(2026, 6, 4)),
        ("us", date(2026, 5, 25)), ("us", date(2026, 9, 7)), ("us", date(2026, 11, 26)),
    ],
)  # fmt: skip
def test_holidays_of_a_known_year(name, day):
    assert is_holiday(day, calendars.rules(name), ())
    assert (
        not is_holiday(day.replace(day=day.day + 1 if day.day < 28 else 2), calendars.rules(name), ()) or name == "nl"
    )


def test_easter_of_known_years():
    assert [easter(year) for year in (1961, 2000, 2024, 2038, 2076)] == [
        date(1961, 4, 2), date(2000, 4, 23), date(2024, 3, 31), date(2038, 4, 25), date(2076, 4, 19),
    ]  # fmt: skip
