"""Estimated time is hatched in the chart and named in the table, at every zoom."""

from datetime import datetime, timedelta

import pytest
from household import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOUR_MS = 3_600_000
#: One figure for each column of pixels of the first chart, and where in it the plot begins and ends.
COLUMNS = """
    const canvas = document.querySelector('.uplot canvas');
    if (!canvas) return null;
    const plot = document.querySelector('.u-over').getBoundingClientRect(), left = canvas.getBoundingClientRect().left;
    const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const sums = new Array(width).fill(0);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        sums[x] = (sums[x] * 31 + data[at] + 7 * data[at + 1] + 13 * data[at + 2] + 17 * data[at + 3]) % 1000003;
      }
    const { from, to } = document.getElementById('charts').dataset;
    return { sums, left: plot.left - left, width: plot.width, from: +from, to: +to };
"""


def chart(browser, until, url):
    browser.get(url)
    return until(lambda: browser.execute_script(COLUMNS), "the chart is drawn")


def marked_rows(browser, until):
    browser.execute_script("document.querySelector('#table summary').click()")
    script = "return [...document.querySelectorAll('#table tbody th')].map(each => each.innerText)"
    return [
        each for each in until(lambda: browser.execute_script(script), "the table is filled") if "estimated" in each
    ]


@pytest.mark.parametrize(("unit", "rows"), [("day", 120), ("month", 2), ("year", 1)])
def test_estimated_time_is_hatched_at_every_zoom(page, browser, until, unit, rows):
    running = page()
    running.collecting = False
    then = datetime.now(ZONE) - timedelta(days=2)
    midnight = int(then.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000
    start, end = midnight + 6 * HOUR_MS, midnight + 8 * HOUR_MS
    url = f"{running.url}/history?range={unit}&at={start}&quantity=voltage_l1_n"
    plain = chart(browser, until, url)
    running.house.store.estimated = range(start, end, 60_000)
    hatched = chart(browser, until, url)

    if unit == "year":
        start, end = midnight, midnight + 24 * HOUR_MS
    pixel = (plain["to"] - plain["from"]) / plain["width"]
    first, last = (plain["left"] + (at - plain["from"]) / pixel for at in (start, end))
    changed = [x for x, (a, b) in enumerate(zip(plain["sums"], hatched["sums"], strict=True)) if a != b]
    assert changed, "nothing is hatched"
    assert min(changed) == pytest.approx(first, abs=2)
    assert max(changed) == pytest.approx(last, abs=2)
    assert len(changed) >= last - first - 2, "the hatching has holes"
    assert len(marked_rows(browser, until)) == rows


@pytest.mark.parametrize(
    ("times", "flags", "stretches"),
    [
        ([0, 1, 2, 3], [2, 0, 3, 66], [[0, 1], [2, 4]]),
        ([0, 1, 4, 5], [2, 2, 2, 2], [[0, 2], [4, 6]]),
        ([0, 23 / 24, 1 + 23 / 24, 3], [2, 2, 2, 2], [[0, 4]]),
        ([], [], []),
    ],
    ids=["a sure period between", "a gap", "days of 23 and 25 hours", "nothing"],
)
def test_only_estimated_periods_are_hatched(page, browser, times, flags, stretches):
    day = 86_400
    browser.get(page().url)
    script = """
        const [series, done] = arguments;
        const known = document.querySelector('link[rel=modulepreload]').href;
        import(known.replace('page.js', 'series.js')).then(({ estimated }) => done(estimated(series)));
    """
    series = {
        "resolution": "1d",
        "step": day * 1000,
        "times": [round(each * day) * 1000 for each in times],
        "flags": flags,
    }
    found = browser.execute_async_script(script, series)
    assert found == [[pytest.approx(at * day) for at in each] for each in stretches]
