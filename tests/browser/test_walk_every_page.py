"""Every page in every language at the sizes of a desk, a phone and a wall, by keyboard alone, judged by axe-core."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from quality_week import judged_week

from collector.model.account import Role, User
from collector.web.language import languages
from collector.web.login.passwords import hash_password
from collector.web.rooms import ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "three words here"
SIZES = {"desk": (1280, 800), "phone": (360, 740), "wall": (1920, 1080)}
#: axe takes its time: in the source's language it looks at the desk, in light; in the others at the phone, in dark.
LOOKED_AT = {"en": "desk"}
PATHS = [*dict.fromkeys(room.path for room in ROOMS), "/login", "/code", "/screen", "/nowhere"]
#: Rules whose breach keeps somebody out (axe's impact).
SERIOUS = {"serious", "critical"}


@pytest.fixture
def served(page, monkeypatch):
    """A page of two meters with an admin; of a week there is much to say."""
    monkeypatch.setattr("collector.web.login.passwords.METHOD", "scrypt:1024:8:1")
    running = page(2)
    running.house.store.computed = judged_week(running.house.now)
    keeper = running.house.app.extensions["phaselog"].doorkeeper
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    return running


def run(browser, script, *arguments):
    return browser.execute_script(script, *arguments)


def keys(browser, *pressed):
    from selenium.webdriver import ActionChains

    ActionChains(browser).send_keys(*pressed).perform()


def focused(browser):
    """(tag, words) of what has the focus."""
    script = "const e = document.activeElement; return [e.tagName, (e.name || e.innerText || e.id || '').trim()]"
    return tuple(run(browser, script))


def tab_to(browser, *wanted, most=60):
    """Tabs until this has the focus, and sees that what has it is visible."""
    from selenium.webdriver.common.keys import Keys

    for _ in range(most):
        keys(browser, Keys.TAB)
        width = run(browser, "return getComputedStyle(document.activeElement).outlineWidth")
        assert width != "0px", f"{focused(browser)} has the focus and does not show it"
        if focused(browser) == wanted:
            return
    raise AssertionError(f"no way to {wanted} by keyboard")


def log_in(browser, url, until):
    from selenium.webdriver.common.keys import Keys

    browser.get(f"{url}/login?language=en")
    tab_to(browser, "INPUT", "name")
    keys(browser, "ana", Keys.TAB, PASSWORD, Keys.ENTER)
    until(lambda: browser.current_url == f"{url}/", "logged in, and back at now")


def test_a_person_without_a_mouse_logs_in_looks_around_and_logs_out(served, browser, until):
    from selenium.webdriver.common.keys import Keys

    log_in(browser, served.url, until)
    tab_to(browser, "A", "Skip to the values", most=1)
    keys(browser, Keys.ENTER)
    assert run(browser, "return document.activeElement.id") == "content"
    for room in (room for room in ROOMS[1:] if room.there(served.house.settings)):
        browser.get(served.url)
        tab_to(browser, "A", room.word)
        keys(browser, Keys.ENTER)
        until(lambda path=room.path: browser.current_url == served.url + path, f"{room.word} by keyboard")
    browser.get(f"{served.url}/settings")
    tab_to(browser, "SUMMARY", "Make a key")
    keys(browser, Keys.ENTER)
    tab_to(browser, "INPUT", "name")
    keys(browser, "grafana", Keys.ENTER)
    until(
        lambda: "phaselog_" in run(browser, "return document.querySelector('.notice code')?.innerText ?? ''"), "a key"
    )
    tab_to(browser, "BUTTON", "Log out")
    keys(browser, Keys.ENTER)
    until(lambda: run(browser, "return document.querySelector('footer form') === null"), "logged out")


@pytest.mark.parametrize("code", languages())
def test_every_page_fits_and_keeps_nobody_out(served, browser, use, until, code):
    resize, theme = use
    log_in(browser, served.url, until)
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    for name, size in SIZES.items():
        resize(browser, *size)
        theme(browser, "dark" if name == "phone" else "light")
        for path in PATHS:
            browser.get(f"{served.url}{path}?language={code}")
            if path == "/history":
                until(lambda: run(browser, "return document.querySelector('.uplot canvas')"), "the chart is drawn")
            width, lang = run(browser, "return [document.documentElement.scrollWidth, document.documentElement.lang]")
            assert (lang, width <= size[0]) == (code, True), f"{path} at {name} is {width} wide"
            if name == LOOKED_AT.get(code, "phone") or (name, path) == ("wall", "/screen"):
                assert faults(browser, axe) == [], f"{path} at {name} in {code}"
    browser.get_log("browser")  # the page that is not there was asked for on purpose


def faults(browser, axe):
    """What keeps people out, by axe-core: rule, and where."""
    run(browser, axe)
    found = browser.execute_async_script(
        "axe.run({resultTypes: ['violations']}).then(found => arguments[0](JSON.stringify(found.violations)))"
    )
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"][:3]])
        for rule in json.loads(found)
        if rule["impact"] in SERIOUS
    ]


def test_the_wall_says_when_it_is_alone_and_every_figure_can_be_read_from_afar(served, browser, use, until):
    use[0](browser, 1920, 1080)
    browser.get(f"{served.url}/screen?language=en")
    heights = run(
        browser,
        "return [...document.querySelectorAll('main *')].filter(e => e.offsetWidth > 1 && e.firstChild?.nodeType === 3"
        " && e.firstChild.data.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    # Five metres ask for letters of 15 mm: a twenty-fifth of the height of the smallest screen on a wall.
    assert min(heights) >= 1080 / 30
    assert max(heights) >= 1080 / 4
    assert run(browser, "return document.documentElement.scrollHeight") <= 1080
    before = run(browser, "return document.querySelector('.huge .num').dataset.time")
    newer = "return document.querySelector('.huge .num')?.dataset.time > arguments[0]"
    until(lambda: run(browser, newer, before), "it goes on by itself")
    browser.execute_cdp_cmd("Network.enable", {})
    lost = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", lost)
    try:
        said = "return document.querySelector('#state .line').innerText"
        until(lambda: "lost its logger" in run(browser, said), "it says that it is alone")
        assert float(run(browser, "return getComputedStyle(document.querySelector('.flow')).opacity")) < 0.5
    finally:
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**lost, "offline": False})
    until(lambda: "Running." in run(browser, said), "and that it is back")
