"""The band of what was expected lies behind the curve of a quantity that stands alone, in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOUR = 3_600_000
#: Pixels of the colour of the band in all charts.
PIXELS = """
const wanted = getComputedStyle(document.documentElement).getPropertyValue("--rule").trim();
const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
let found = 0;
for (const canvas of document.querySelectorAll(".uplot canvas")) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) found += data[at] === r && data[at + 1] === g && data[at + 2] === b;
}
return found;
"""


def test_the_band_is_drawn_behind_the_curve(page, browser, until):
    running = page()
    now = running.house.now
    address = f"{running.url}/history?from={now - 6 * HOUR}&to={now}&quantity=frequency"
    browser.get(address)
    until(lambda: browser.execute_script(PIXELS), "the chart is drawn")
    without = browser.execute_script(PIXELS)
    begin = now - now % HOUR - 12 * HOUR
    running.house.store.computed["forecast_hour"] = [
        {"time": begin + n * HOUR, "quantity": "frequency", "value": 60.0, "low": 40.0, "high": 80.0, "made": begin}
        for n in range(24)
    ]
    browser.get(address)
    until(lambda: browser.execute_script(PIXELS) > 5 * without or None, "the band is drawn")
    browser.get(running.url + "/forecast?quantity=frequency")
    assert browser.execute_script("return document.querySelector('.expected-band').getBBox().width") > 200
