"""The wall display shows one meter after the other, in figures only, and fits a slow line."""

from __future__ import annotations

import json
import re
from html import unescape


def test_it_shows_power_phases_energy_and_the_time(house):
    page = house.client.get("/screen").get_data(as_text=True)
    assert re.search(r'class="huge">.*?data-q="active_power_total".*?kW', page, re.DOTALL)
    assert [each for each in ("L1", "L2", "L3") if f'<th scope="row">{each}</th>' in page] == ["L1", "L2", "L3"]
    assert re.search(r"<time>\d\d:\d\d</time>", page)
    assert "Today" in page
    for interaction in ("<nav", "<form", "<button", "<select"):
        assert interaction not in page


def test_several_meters_take_turns_as_the_address_says(build):
    village = build(3)
    village.run()
    page = village.client.get("/screen?meter=house 02&meter=house 03").get_data(as_text=True)
    assert json.loads(unescape(re.search(r'data-meters="([^"]*)"', page)[1])) == ["house 02", "house 03"]
    assert 'data-shown="house 02"' in page
    assert village.client.get("/screen?meter=nobody").status_code == 400


def test_it_says_what_is_wrong_instead_of_showing_nothing(house):
    house.store.down = True
    page = house.client.get("/screen").get_data(as_text=True)
    assert "does not answer" in page
    assert "Today" not in page
