"""Where no value can come because the line cannot be opened, the page says why and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from household import Household

from collector.errors import PortMissing
from collector.model.status import STATUS_FILE
from collector.sources.ports import device_of


def without_adapter(house: Household) -> None:
    try:
        device_of("usb", list)
    except PortMissing as error:
        said = {"open": False, "last_error": str(error), "hint": error.hint}
    house.run({"turbine": "silent"})
    file = house.runtime / STATUS_FILE
    status = json.loads(file.read_text())
    status["lines"] = [line | said for line in status["lines"]]
    file.write_text(json.dumps(status))


def shown(house: Household) -> str:
    page = house.client.get("/").get_data(as_text=True)
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_the_page_says_how_to_connect_an_adapter(tmp_path: Path) -> None:
    house = Household(tmp_path)
    house.store.meters = []
    without_adapter(house)
    page = shown(house)
    assert "<p>No USB serial adapter is connected.</p>" in page
    assert page.count("FTDI") == 1
    assert "Phases" not in page
    assert "Meter turbine is silent" not in page


def test_the_last_values_stay_when_the_adapter_is_pulled(tmp_path: Path) -> None:
    house = Household(tmp_path)
    without_adapter(house)
    page = shown(house)
    assert "Line rs485: no USB serial adapter is connected" in page
    assert page.count("FTDI") == 1
    assert "Phases" in page


def test_health_says_what_to_do(tmp_path: Path) -> None:
    house = Household(tmp_path)
    without_adapter(house)
    line, meter = house.client.get("/api/health").get_json()["findings"][:2]
    assert (line["subject"], line["state"]) == ("line rs485", "wrong")
    assert line["advice"].startswith("plug in")
    # That no meter answers on a line that is not open is no news.
    assert (meter["subject"], meter["state"]) == ("meter turbine", "skipped")
