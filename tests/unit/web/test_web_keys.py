"""Programs and their keys, over real HTTP: what each may change, what it may not, and where it stands afterwards."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
import waitress
from camera_play import NAME, hang_camera

from collector.model.account import Key, Role, hashed, new_token
from collector.model.alert import Alert
from collector.store.factory import open_alert_log, open_reader

CHANGES = {
    "/api/alerts/acknowledge": {"rule": "silent", "subject": "turbine"},
    "/api/cameras/flat/swap": {},
    f"/api/cameras/flat/{NAME}/label": {"text": "0012345.6"},
}


class Served:
    """A page that a real server serves, with one alert that lasts and one camera."""

    def __init__(self, house, folder) -> None:
        self.camera = hang_camera(house, folder)
        self.keeper = house.app.extensions["phaselog"].doorkeeper
        self.keeper.has_admin()  # makes the tables
        house.store.events = lambda *args, **more: open_reader(house.settings.store, house.settings.site).events(**more)
        log = open_alert_log(house.settings.store)
        log.begin(Alert("silent", "turbine", house.now - 60_000, "turbine", "turbine: no believable answer"))
        log.close()
        self.server = waitress.create_server(house.app, host="127.0.0.1", port=0, threads=2)
        self.url = f"http://127.0.0.1:{self.server.effective_port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        # Closing the server pulls its sockets from under its loop.
        with suppress(OSError):
            self.server.run()

    def key(self, name: str, role: Role) -> str:
        token = "phaselog_" + new_token()
        key = Key(hashed(token), name, role, "ana", self.keeper.now())
        self.keeper.accounts.ask(lambda store: store.add_key(key))
        return token

    def ask(self, path: str, key: str | None, body: object = None) -> tuple[int, dict]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def asked(self) -> list[str]:
        return [each["ask"] for each in self.camera.asked]


@pytest.fixture
def served(house, tmp_path):
    made = Served(house, tmp_path)
    yield made
    made.server.close()


def test_a_key_that_may_change_does_what_people_do_and_it_stands_in_the_audit(served):
    key = served.key("robot", Role.ADMIN)
    for path, body in CHANGES.items():
        status, answer = served.ask(path, key, body)
        assert (status, answer["done"]) == (200, True), path
    assert served.asked() == ["swap", "label"]
    (alert,) = served.ask("/api/alerts", key)[1]["alerts"]
    assert alert["acknowledged_by"] == "robot"
    done = {event["message"] for event in served.ask("/api/audit", key)[1]["events"]}
    assert done == {
        "program robot has taken notice of silent: turbine",
        "program robot said that flat was exchanged",
        f"program robot read 0012345.6 on {NAME} of flat",
    }


@pytest.mark.parametrize("path", CHANGES)
def test_a_key_that_reads_and_nobody_change_nothing(served, path):
    reads = served.key("grafana", Role.VIEWER)
    assert served.ask(path, reads, CHANGES[path])[0] == 403
    assert served.ask("/api/audit", reads)[0] == 403
    assert served.ask(path, None, CHANGES[path])[0] == 401
    assert served.ask(path, "phaselog_" + new_token(), CHANGES[path])[0] == 401
    assert served.asked() == []
    assert served.ask("/api/alerts", reads)[1]["alerts"][0]["acknowledged"] is None
    assert served.ask("/api/cameras", reads)[1]["pictures"][0]["name"] == NAME


def test_no_key_makes_users_or_keys_or_sets_up_a_camera(served):
    key = served.key("robot", Role.ADMIN)
    for path in ("/settings/users", "/settings/keys", "/alerts/try", "/cameras/flat/frame", "/alerts/acknowledge"):
        request = urllib.request.Request(served.url + path, b"name=x", {"Authorization": f"Bearer {key}"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == 403, path


@pytest.mark.parametrize("body", [None, [], {}, {"rule": 1, "subject": "turbine"}, {"rule": "other", "subject": "x"}])
def test_what_is_sent_wrong_is_said(served, body):
    status, answer = served.ask("/api/alerts/acknowledge", served.key("robot", Role.ADMIN), body if body else {})
    assert status == 400
    assert answer["error"]["hint"]
