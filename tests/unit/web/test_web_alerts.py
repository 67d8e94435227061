"""The room "alerts": everybody sees what lasts; who has logged in takes notice; admins try the channels."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from household import Household

from collector.config.settings import MailSettings, WebhookSettings
from collector.model.account import Role, User
from collector.model.alert import Alert
from collector.store.factory import open_alert_log
from collector.web.login.passwords import hash_password

PASSWORD = "three words here"
TEXT = "turbine: <b>no</b> believable answer"


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Household:
    """A page with two channels; one alert lasts, one is over."""
    monkeypatch.setattr("collector.web.login.passwords.METHOD", "scrypt:1024:8:1")
    made = Household(tmp_path)
    made.run()
    made.settings = replace(
        made.settings, mail=MailSettings(to=("a@example.org",)), webhooks=(WebhookSettings("phone", "http://x/y"),)
    )
    made.app.extensions["phaselog"].settings = made.settings
    made.client.get("/alerts")
    log = open_alert_log(made.settings.store)
    log.begin(Alert("silent", "turbine", made.now - 60_000, "turbine", TEXT))
    log.begin(Alert("counter", "turbine 1", made.now - 90_000, "turbine", "turbine: reset", made.now - 90_000))
    log.close()
    return made


def login(house: Household, role: Role) -> None:
    keeper = house.app.extensions["phaselog"].doorkeeper
    keeper.put_user(User("ana", role, hash_password(PASSWORD), keeper.now()))
    assert post(house, "/login", "/login", name="ana", password=PASSWORD).status_code == 303


def post(house: Household, path: str, form: str = "/alerts", **fields: str):
    page = house.client.get(form).get_data(as_text=True)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    return house.client.post(path, data={"csrf": token[1] if token else "", **fields})


def test_everybody_sees_them_and_nobody_can_take_notice_without_a_name(watched: Household) -> None:
    page = watched.client.get("/alerts").get_data(as_text=True)
    assert "&lt;b&gt;no&lt;/b&gt; believable answer" in page
    assert "turbine: reset" in page
    assert "I know" not in page and "Send a test" not in page
    answer = watched.client.post("/alerts/acknowledge", data={"rule": "silent", "subject": "turbine"})
    assert answer.status_code in (303, 401, 403)
    assert watched.client.get("/api/alerts").get_json()["alerts"][0]["acknowledged"] is None


def test_a_viewer_takes_notice_and_everybody_sees_who_did(watched: Household) -> None:
    login(watched, Role.VIEWER)
    assert post(watched, "/alerts/acknowledge", rule="silent", subject="turbine").status_code == 303
    page = watched.client.get("/alerts").get_data(as_text=True)
    assert "ana knows since" in page
    assert "Send a test" not in page
    assert watched.client.get("/api/alerts").get_json()["alerts"][0]["acknowledged_by"] == "ana"


def test_an_admin_tries_a_channel_that_there_is(watched: Household) -> None:
    login(watched, Role.ADMIN)
    assert post(watched, "/alerts/try", channel="phone").status_code == 303
    assert "within seconds it is sent" in watched.client.get("/alerts").get_data(as_text=True)
    assert post(watched, "/alerts/try", channel="nobody").status_code == 400
    log = open_alert_log(watched.settings.store)
    assert [(trial.channel, trial.asked_by) for trial in log.wanted_tests(0)] == [("phone", "ana")]
    log.close()


def test_a_viewer_may_not_try_a_channel(watched: Household) -> None:
    login(watched, Role.VIEWER)
    assert post(watched, "/alerts/try", "/settings", channel="phone").status_code == 403


def test_programs_list_them_page_by_page(watched: Household) -> None:
    first = watched.client.get("/api/alerts?limit=1").get_json()
    assert [each["rule"] for each in first["alerts"]] == ["silent"]
    second = watched.client.get(f"/api/alerts?limit=1&before={first['next']}").get_json()
    assert [each["rule"] for each in second["alerts"]] == ["counter"]
    assert second["next"] is None
