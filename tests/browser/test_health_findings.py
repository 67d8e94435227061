"""The findings on the health page in a real browser: readable on a phone and on a desk, in both themes."""

from __future__ import annotations

import pytest

from collector.model.finding import attention, fine, wrong

pytestmark = pytest.mark.browser

LONG = (
    "systemctl status phaselog-backup.timer; journalctl -u phaselog-backup; then: sudo systemctl start phaselog-backup"
)
FOUND = [
    fine("card", "mmcblk0p2 (ext4), writable, no errors"),
    attention("restart", "some changes need one", "sudo reboot, when it suits"),
    wrong("backup", "the last one is 49 h old, 12.4MB in /mnt/phaselog-backup", LONG),
]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_findings_fit_and_stay_unfolded(page, browser, use, until, width, colours):
    resize, theme = use
    running = page()
    running.house.doctor.sees = FOUND
    resize(browser, width, 844)
    theme(browser, colours)
    browser.get(running.url + "/health")
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    marks = "return [...document.querySelectorAll('.findings > li > .mark')].map(m => m.getAttribute('aria-label'))"
    assert browser.execute_script(marks)[:2] == ["wrong", "attention"]
    browser.execute_script(
        "document.getElementById('checks').open = true; window.before = document.querySelector('h1')"
    )
    until(lambda: browser.execute_script("return !document.contains(window.before)"), "the page is taken anew")
    assert browser.execute_script("return document.getElementById('checks').open")
