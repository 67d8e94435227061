"""A person with a browser: clicks through the pages at desktop and phone size, zooms, reads, loses the collector."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from collector.web.wording import age, figure, scale_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = [(1280, 800), (390, 844), (360, 740)]


def text(browser, selector):
    return browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)


def count(browser, selector):
    return browser.execute_script("return document.querySelectorAll(arguments[0]).length", selector)


def drawn(browser):
    return count(browser, ".uplot canvas")


def click(browser, selector):
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def a_whole_day():
    """Yesterday's chart: today's may hold a few minutes only."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return f"/history?range=day&at={yesterday:%Y-%m-%d}T12:00:00Z"


def send_keys(browser, *keys):
    from selenium.webdriver.common.by import By

    browser.find_element(By.ID, "charts").send_keys(*keys)


def colour(browser, selector, what="color"):
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    return browser.execute_script(script, selector, what)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_pages_fit_in_both_themes(page, browser, use, until, size, scheme):
    resize, theme = use
    resize(browser, *size)
    theme(browser, scheme)
    running = page(3)
    for path in ("/", "/history", "/health"):
        browser.get(running.url + path)
        if path == "/history":
            until(lambda: drawn(browser), "the chart is drawn")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
        red = int(colour(browser, "body", "backgroundColor").split("(")[1].split(",")[0])
        assert (red < 60) == (scheme == "dark")


def test_figures_go_on_without_reloading(page, browser, until):
    running = page()
    browser.get(running.url)
    browser.execute_script("window.mine = 1")
    click(browser, "#content")
    before = browser.execute_script("return document.querySelector('.big .num').dataset.time")
    until(
        lambda: browser.execute_script("return document.querySelector('.big .num').dataset.time") > before,
        "a newer value is shown",
    )
    assert browser.execute_script("return window.mine") == 1


def test_stopped_collector_looks_stale_then_is_told(page, browser, until, monkeypatch):
    monkeypatch.setattr("collector.web.live.STATUS_FRESH", 6.0)
    running = page()
    browser.get(running.url)
    assert count(browser, ".num.stale") == 0
    running.collecting = False
    until(lambda: count(browser, ".big .num.stale"), "the big figure looks stale")
    assert colour(browser, ".phases .num.stale", "textDecorationStyle") == "dotted"
    assert "stale" in text(browser, ".values")
    until(lambda: "Collector: does not run" in text(browser, "#state"), "the page says so")
    assert text(browser, "#state .hint")
    running.collecting = True
    until(lambda: "Running." in text(browser, "#state"), "it runs again")
    until(lambda: not count(browser, ".num.stale"), "nothing is stale")


@pytest.mark.parametrize("path", ["/", "/history", "/health"])
def test_lost_server_is_told(page, browser, until, path):
    running = page()
    browser.get(running.url + path)
    browser.execute_cdp_cmd("Network.enable", {})
    lost = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", lost)
    try:
        until(lambda: "lost its logger" in text(browser, "#state"), "the page says that it is alone")
    finally:
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**lost, "offline": False})
    until(lambda: "Running." in text(browser, "#state"), "the server is back")


def test_reason_of_a_missing_value_is_shown_on_focus(page, browser, until):
    running = page()
    running.collecting = False
    browser.get(running.url)
    until(lambda: count(browser, ".num.stale"), "stale")
    browser.get(running.url)
    browser.execute_script("document.querySelector('.num.stale').focus()")
    shown = browser.execute_script("return getComputedStyle(document.querySelector('.num.stale'), '::after').content")
    assert "one is due every" in shown


def test_chart_zooms_by_dragging_and_returns(page, browser, until):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    running = page()
    browser.get(running.url + a_whole_day())
    until(lambda: drawn(browser), "the chart is drawn")
    title = text(browser, "#period")
    over = browser.find_element(By.CSS_SELECTOR, ".u-over")
    ActionChains(browser).move_to_element_with_offset(over, -100, 0).click_and_hold().move_by_offset(
        150, 0
    ).release().perform()
    until(lambda: text(browser, "#period") != title, "a part of the day is shown")
    assert "from=" in browser.current_url
    over = browser.find_element(By.CSS_SELECTOR, ".u-over")
    ActionChains(browser).double_click(over).perform()
    until(lambda: text(browser, "#period") == title, "the whole day is back")


def test_hover_reads_all_charts_at_once(page, browser, until):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    running = page()
    browser.get(running.url + a_whole_day() + "&quantity=voltage_l1_n&quantity=active_power_l1&quantity=current_l1")
    until(lambda: drawn(browser) == 3, "three charts are drawn")
    newest = text(browser, "#moment")
    over = browser.find_element(By.CSS_SELECTOR, ".u-over")
    ActionChains(browser).move_to_element_with_offset(over, -300, 0).perform()
    until(lambda: text(browser, "#moment") not in ("", newest), "the moment under the mouse is told")
    reads = browser.execute_script("return [...document.querySelectorAll('.legend .read')].map(e => e.innerText)")
    assert len(reads) == 3
    assert all(reads)


def test_keyboard_reads_zooms_moves_and_returns(page, browser, until):
    from selenium.webdriver.common.keys import Keys

    running = page()
    browser.get(running.url + a_whole_day())
    until(lambda: drawn(browser), "the chart is drawn")
    title, newest = text(browser, "#period"), text(browser, "#moment")
    send_keys(browser, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert text(browser, "#moment") != newest
    send_keys(browser, "+")
    zoomed = until(lambda: text(browser, "#period") != title and text(browser, "#period"), "zoomed in")
    send_keys(browser, Keys.SHIFT, Keys.ARROW_LEFT)
    until(lambda: text(browser, "#period") not in (title, zoomed), "moved")
    send_keys(browser, Keys.ESCAPE)
    until(lambda: text(browser, "#period") == title, "returned")
    assert colour(browser, "#charts", "outlineStyle") == "solid"


def test_table_and_csv_hold_what_is_shown(page, browser, until):
    running = page()
    hours = f"from={running.house.now - 7_200_000}&to={running.house.now}"
    browser.get(f"{running.url}/history?{hours}&quantity=voltage_l1_n&quantity=active_energy_import")
    until(lambda: drawn(browser), "the charts are drawn")
    click(browser, "#table summary")
    until(lambda: count(browser, "#table tbody tr") > 5 or None, "the table is filled")
    head = text(browser, "#table thead")
    assert "Voltage L1–N, V" in head
    assert "Active energy import, kWh" in head or "Active energy import, Wh" in head
    link = browser.execute_script("return document.getElementById('csv').href")
    assert "resolution=1m" in link


def test_time_without_data_says_so(page, browser, until):
    running = page()
    browser.get(running.url + "/history?range=day&at=2020-01-01T00:00:00Z")
    until(lambda: "No values are stored" in text(browser, "#charts"), "the empty state")


def test_store_down_is_told_in_the_chart(page, browser, until):
    running = page()
    running.house.store.down = True
    browser.get(running.url + "/history")
    until(lambda: "does not answer" in text(browser, "#charts"), "the error state")
    browser.get_log("browser")


def test_theme_is_switched_and_remembered(page, browser):
    running = page()
    browser.get(running.url)
    light = colour(browser, "body", "backgroundColor")
    click(browser, "#theme")
    dark = colour(browser, "body", "backgroundColor")
    assert light != dark
    browser.get(running.url + "/health")
    assert colour(browser, "body", "backgroundColor") == dark
    browser.execute_script("localStorage.clear()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_keep_their_distance_from_the_paper(page, browser, use, scheme):
    """WCAG 2.2: 3:1 for lines and marks (1.4.11), 4.5:1 for text (1.4.3)."""
    use[1](browser, scheme)
    running = page()
    browser.get(running.url)
    names = ["paper", "ink", "quiet", "fine", "attention", "wrong", "l1", "l2", "l3", "other-1", "other-2", "other-3"]
    script = """
        const style = getComputedStyle(document.documentElement);
        return arguments[0].map(name => style.getPropertyValue('--' + name).trim());
    """
    colours = dict(zip(names, browser.execute_script(script, names), strict=True))
    for name in names[1:]:
        least = 4.5 if name in {"ink", "quiet", "attention", "wrong"} else 3.0
        assert contrast(colours[name], colours["paper"]) >= least, name


def contrast(one, other):
    def luminance(hexadecimal):
        parts = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_browser_writes_figures_as_the_server_does(page, browser):
    running = page()
    browser.get(running.url)
    samples = [
        (v, e, d) for v in (0.0, -0.4, 3.14159, 999.96, 12345.678, -9876543.21) for e in (0, 3) for d in (0, 1, 3)
    ]
    samples.append((None, 0, 1))
    ages = [-3, 0.4, 59.6, 99.4, 100, 5939, 5941, 172_801]
    sizes = [
        ("V", 229.8),
        ("V", 11_000),
        ("A", 12.3),
        ("W", 999.0),
        ("W", 4812.0),
        ("W", 2e6),
        ("Hz", 60),
        ("", 0.98),
        ("%", 4),
    ]
    script = """
        const [samples, ages, sizes, done] = arguments;
        const known = document.querySelector('link[rel=modulepreload]').href;
        import(known.replace('page.js', 'figures.js')).then(({figure, age, scaleFor}) => done(JSON.stringify([
            samples.map(s => figure(...s)), ages.map(age), sizes.map(([u, s]) => scaleFor(u, s))])));
    """
    figures, words, scales = json.loads(browser.execute_async_script(script, samples, ages, sizes))
    from collector.web.wording import Scale

    assert [tuple(each) for each in figures] == [figure(v, Scale(e, d)) for v, e, d in samples]
    assert words == [age(each) for each in ages]
    for (unit, size), found in zip(sizes, scales, strict=True):
        scale = scale_for(unit, [size])
        assert (found["exponent"], found["decimals"], found["unit"]) == (
            scale.exponent,
            scale.decimals,
            scale.unit(unit),
        )


def test_forty_meters_on_a_phone(page, browser, use):
    use[0](browser, 360, 740)
    running = page(40)
    running.states["house 03"] = "silent"
    running.house.run(running.states)
    browser.get(running.url)
    assert count(browser, ".meters li") == 40
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    assert browser.execute_script("return document.querySelector('.meters').getBoundingClientRect().height") < 400
    click(browser, "[data-meter='house 07']")
    assert "house 07" in text(browser, "h1")


def test_first_paint_is_small_over_the_wire(page, browser):
    running = page()
    browser.get(running.url)
    script = (
        "return performance.getEntries().filter(e => 'transferSize' in e).reduce((sum, e) => sum + e.transferSize, 0)"
    )
    total = browser.execute_script(script)
    print(f"first paint over the wire: {total / 1000:.1f} kB")
    assert 0 < total <= 120_000
