"""The room "cameras": who may look and who may change, and what the camera service's words become on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from camera_play import NAME, PICTURE, hang_camera

from collector.config.settings import CameraService
from collector.model.account import Role, User
from collector.web.login.passwords import hash_password

PASSWORD = "three words here"


@pytest.fixture
def camera(house, tmp_path, monkeypatch):
    monkeypatch.setattr("collector.web.login.passwords.METHOD", "scrypt:1024:8:1")
    return hang_camera(house, tmp_path)


def log_in(house, role):
    keeper = house.app.extensions["phaselog"].doorkeeper
    keeper.put_user(User("ana", role, hash_password(PASSWORD), keeper.now()))
    token = house.client.get("/login").get_data(as_text=True).split('name="csrf" value="')[1].split('"')[0]
    house.client.post("/login", data={"csrf": token, "name": "ana", "password": PASSWORD})


def post(house, path, form="/settings", **fields):
    token = house.client.get(form).get_data(as_text=True).split('name="csrf" value="')[1].split('"')[0]
    return house.client.post(path, data={"csrf": token, **fields})


PAGES = ("/cameras", f"/cameras/flat/{NAME}", f"/cameras/flat/{NAME}/image", f"/cameras/flat/setup/{NAME}")
CHANGES = (f"/cameras/flat/{NAME}/label", "/cameras/flat/swap", "/cameras/flat/frame", f"/cameras/flat/setup/{NAME}")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_looks_without_a_login(house, camera, path):
    assert house.client.get(path).headers["Location"].startswith("/login?next=")
    assert not camera.asked


@pytest.mark.parametrize("path", CHANGES)
def test_a_viewer_changes_nothing(house, camera, path):
    log_in(house, Role.VIEWER)
    assert post(house, path, text="1").status_code == 403
    assert not camera.asked


def test_a_viewer_sees_pictures_and_why_they_do_not_count(house, camera):
    log_in(house, Role.VIEWER)
    page = house.client.get("/cameras").get_data(as_text=True)
    assert "glare: &lt;b&gt;tilt&lt;/b&gt;" in page
    assert 'href="/cameras"' in page
    assert "0012345.6" in house.client.get(f"/cameras/flat/{NAME}").get_data(as_text=True)
    image = house.client.get(f"/cameras/flat/{NAME}/image")
    assert (image.data, image.content_type) == (PICTURE, "image/jpeg")
    assert image.headers["X-Content-Type-Options"] == "nosniff"


def test_a_house_without_cameras_has_no_such_room(house):
    assert "/cameras" not in house.client.get("/").get_data(as_text=True)


def test_an_admin_sets_a_display_up(house, camera):
    log_in(house, Role.ADMIN)
    assert post(house, "/cameras/flat/frame").headers["Location"] == f"/cameras/flat/setup/{NAME}"
    page = house.client.get(f"/cameras/flat/setup/{NAME}?corners=1,2,3,4,5,6,7,8&digits=8&decimals=").get_data(
        as_text=True
    )
    assert "no point was seen" in page
    assert camera.asked[-1]["corners"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (camera.asked[-1]["digits"], camera.asked[-1]["decimals"]) == (8, None)
    kept = post(house, f"/cameras/flat/setup/{NAME}", corners="1,2,3,4,5,6,7,8", digits="8", decimals="1")
    assert "Five new pictures read 0012345.6." in kept.get_data(as_text=True)
    assert [one["profile"] for one in camera.asked if one["ask"] == "keep"] == ["[display]"]


def test_an_admin_labels_a_picture_and_says_that_a_meter_was_exchanged(house, camera):
    log_in(house, Role.ADMIN)
    assert post(house, f"/cameras/flat/{NAME}/label", text="0012345.6").status_code == 303
    assert post(house, "/cameras/flat/swap").status_code == 303
    assert [one["ask"] for one in camera.asked] == ["label", "swap"]


@pytest.mark.parametrize(
    "path", ["/cameras/turbine/x", "/cameras/none/x", f"/cameras/flat/setup/{NAME}?corners=a,b", "/cameras/flat/none"]
)
def test_what_makes_no_sense_gets_a_sentence(house, camera, path):
    log_in(house, Role.ADMIN)
    page = house.client.get(path)
    assert page.status_code == 400
    assert 'class="trouble"' in page.get_data(as_text=True)


def test_a_service_that_is_not_there_costs_a_sentence(house, camera, tmp_path):
    log_in(house, Role.ADMIN)
    site = house.app.extensions["phaselog"]
    line = replace(site.settings.lines[-1], service=CameraService(tmp_path / "none"))
    site.settings = replace(site.settings, lines=(*site.settings.lines[:-1], line))
    page = house.client.get("/cameras")
    assert page.status_code == 200
    assert "no camera service" in page.get_data(as_text=True).lower()


def test_the_code_of_registers_in_turn_has_a_place_of_its_own(house, tmp_path):
    service = hang_camera(house, tmp_path, "generic-camera-registers")
    log_in(house, Role.ADMIN)
    page = house.client.get(f"/cameras/flat/setup/{NAME}").get_data(as_text=True)
    assert 'data-field="code"' in page
    assert service.asked[-1]["code"] == []
    code = "10,20,60,20,60,40,10,40"
    page = house.client.get(f"/cameras/flat/setup/{NAME}?code={code}").get_data(as_text=True)
    assert page.count('value="10.0,20.0,60.0,20.0,60.0,40.0,10.0,40.0"') == 2
    assert post(house, f"/cameras/flat/setup/{NAME}", code=code, digits="8", decimals="1").status_code == 200
    proposed = [one for one in service.asked if one["ask"] == "propose"]
    assert [one["code"] for one in proposed[-2:]] == [[10.0, 20.0, 60.0, 20.0, 60.0, 40.0, 10.0, 40.0]] * 2


def test_a_display_of_one_number_has_no_code(house, camera):
    log_in(house, Role.ADMIN)
    assert 'data-field="code"' not in house.client.get(f"/cameras/flat/setup/{NAME}").get_data(as_text=True)
