"""The programs of the heat-pump logger get the JSON that they got there."""

from email.utils import parsedate_to_datetime

from test_web_api import check

from collector.model.reading import Reading
from collector.model.series import Latest
from collector.web import meters

PATH = "/electricity_meter/api/v1.0/energy"
COUNTED = {"active_energy_import": 25_409_587.0, "active_energy_import_t1": 4_200_177.0,
           "active_energy_import_t2": 21_209_409.0}  # fmt: skip


def hold(house, monkeypatch, values):
    """The store's newest values are these, of every meter; the meters may give them."""
    given = {name: value for name, value in values.items() if value is not None}
    latest = [Latest(m.name, name, house.now, value) for m in house.settings.meters for name, value in given.items()]
    monkeypatch.setattr(house.store, "latest", lambda: house.store._ask("latest") or latest)
    monkeypatch.setattr(meters, "quantities_of", lambda meter, model: tuple(values))


def test_the_answer_is_that_of_the_heat_pump_logger_to_the_letter(house, monkeypatch):
    hold(house, monkeypatch, COUNTED)
    answer = house.client.get(PATH)
    body = b'{"energy":{"highTarif":"0004200.177","lowTarif":"0021209.409","suma":"0025409.587"}}'
    assert answer.data.rstrip() == body
    check(PATH, 200, answer.json)


def test_the_age_is_told_in_a_header(house, monkeypatch):
    hold(house, monkeypatch, COUNTED)
    told = parsedate_to_datetime(house.client.get(PATH).headers["Last-Modified"])
    assert 0 <= house.now / 1000 - told.timestamp() < 1


def test_before_the_first_reading_it_says_the_number_0(house, monkeypatch):
    hold(house, monkeypatch, dict.fromkeys(COUNTED))
    answer = house.client.get(PATH)
    assert answer.json == {"energy": {"highTarif": 0, "lowTarif": 0, "suma": 0}}
    assert "Last-Modified" not in answer.headers
    check(PATH, 200, answer.json)


def test_a_meter_without_tariffs_has_0_for_them_and_one_without_total_their_sum(house, monkeypatch):
    hold(house, monkeypatch, {"active_energy_import": 1.0})
    assert house.client.get(PATH).json["energy"] == {"highTarif": 0, "lowTarif": 0, "suma": "0000000.001"}


def test_a_meter_without_a_total_has_the_sum_of_its_tariffs(house, monkeypatch):
    hold(house, monkeypatch, {name: value for name, value in COUNTED.items() if "_t" in name})
    assert house.client.get(PATH).json["energy"]["suma"] == "0025409.586"


def test_a_counter_that_is_missing_now_keeps_its_last_value(house, monkeypatch, tmp_path):
    hold(house, monkeypatch, COUNTED)
    names = dict.fromkeys(COUNTED)
    reading = Reading("turbine", house.now + 1000, names)
    monkeypatch.setattr(house.app.extensions["phaselog"].live, "_read_live", lambda folder: [reading])
    assert house.client.get(PATH).json["energy"]["suma"] == "0025409.587"


def test_an_unknown_meter_or_one_that_counts_nothing_is_a_404_that_helps(build, monkeypatch):
    house = build(2)
    hold(house, monkeypatch, COUNTED)
    answer = house.client.get(PATH + "?meter=nobody")
    assert answer.status_code == 404
    assert "house 01" in answer.json["error"]["hint"]
    check(PATH, 404, answer.json)
    assert house.client.get(PATH + "?meter=house 02").status_code == 200


def test_no_meter_is_a_404(build):
    assert build(0).client.get(PATH).status_code == 404


def test_a_store_that_is_down_never_makes_a_counter_0(house, monkeypatch):
    hold(house, monkeypatch, COUNTED)
    house.store.down = True
    answer = house.client.get(PATH)
    assert answer.status_code == 503
    check(PATH, 503, answer.json)
