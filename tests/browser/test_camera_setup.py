"""A person drags the corners of a display on its picture, by mouse and by keyboard; what was dragged is asked for."""

from __future__ import annotations

import pytest
from camera_play import NAME, hang_camera

from collector.model.account import Role, User
from collector.web.login.passwords import hash_password

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "three words here"


@pytest.fixture
def served(page, monkeypatch, tmp_path, request):
    """A page with a camera and an admin; the service's socket lies in a short path."""
    monkeypatch.setattr("collector.web.login.passwords.METHOD", "scrypt:1024:8:1")
    running = page()
    running.service = hang_camera(running.house, tmp_path, getattr(request, "param", "generic-camera"))
    keeper = running.house.app.extensions["phaselog"].doorkeeper
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    return running


def look_at_setup(served, browser, until, corners):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    browser.get(f"{served.url}/login?language=en&next=/cameras/flat/setup/{NAME}")
    browser.find_element(By.NAME, "name").send_keys("ana")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
    until(lambda: len(browser.find_elements(By.CSS_SELECTOR, "circle.corner")) == corners, "corners can be dragged")


def test_corners_are_dragged_and_moved_by_keys(served, browser, until):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    look_at_setup(served, browser, until, 4)
    field = browser.find_element(By.NAME, "corners")

    def corners() -> list[float]:
        return [float(side) for side in field.get_attribute("value").split(",")]

    first = browser.find_elements(By.CSS_SELECTOR, "circle.corner")[2]
    before = corners()
    ActionChains(browser).drag_and_drop_by_offset(first, 60, 40).perform()
    after = corners()
    scale = 960 / browser.find_element(By.ID, "scene").rect["width"]
    assert after[4] - before[4] == pytest.approx(60 * scale, abs=3)
    assert after[5] - before[5] == pytest.approx(40 * scale, abs=3)
    assert after[:4] == before[:4]
    first.send_keys(Keys.ARROW_RIGHT)
    assert corners()[4] == pytest.approx(after[4] + 1, abs=0.2)
    wanted = corners()
    browser.find_element(By.CSS_SELECTOR, "#wish button").click()
    until(lambda: wanted in [one.get("corners") for one in served.service.asked], "what was dragged is asked for")
    browser.get_log("browser")  # what the camera sent is no picture here


@pytest.mark.parametrize("served", ["generic-camera-registers"], indirect=True)
def test_the_code_has_corners_of_its_own(served, browser, until):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    look_at_setup(served, browser, until, 8)
    fields = {name: browser.find_element(By.NAME, name) for name in ("corners", "code")}
    before = {name: field.get_attribute("value") for name, field in fields.items()}
    corner = browser.find_elements(By.CSS_SELECTOR, "circle.corner")[4]
    assert corner.get_attribute("aria-label") == "code: top left"
    corner.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    after = {name: field.get_attribute("value") for name, field in fields.items()}
    assert after["corners"] == before["corners"]
    wanted = [float(side) for side in after["code"].split(",")]
    first = [float(side) for side in before["code"].split(",")]
    assert [b - a for a, b in zip(first, wanted, strict=True)] == pytest.approx([1, 1, 0, 0, 0, 0, 0, 0], abs=0.1)
    browser.find_element(By.CSS_SELECTOR, "#wish button").click()
    until(lambda: wanted in [one.get("code") for one in served.service.asked], "the code's place is asked for")
    browser.get_log("browser")  # what the camera sent is no picture here
