"""The usual attacks on a web page, tried and failing; those on the login stand in test_web_login."""

from __future__ import annotations

import re

import pytest
from household import Household

from collector.model.account import Role
from collector.web.login.gate import READING

NASTY = '<img src=x onerror="alert(1)">\'"&{{7*7}}'


@pytest.fixture
def nasty(tmp_path) -> Household:
    """A plant whose meter, site and events are called as an attacker would call them."""
    house = Household(tmp_path)
    object.__setattr__(house.settings.meters[0], "name", NASTY)
    object.__setattr__(house.settings.site, "name", NASTY)
    house.store.meters = [NASTY]
    house.run({NASTY: "silent"})
    return house


@pytest.mark.parametrize("path", ["/", "/history", "/health", "/screen", "/settings", "/login", "/code", "/nowhere"])
@pytest.mark.parametrize("language", ["en", "pt"])
def test_no_name_becomes_markup_or_code(nasty, path, language):
    page = nasty.client.get(f"{path}?language={language}").get_data(as_text=True)
    assert "<img" not in page
    assert "49" not in re.findall(r"'&quot;&amp;(\d+)", page), "no name is a template"
    assert NASTY not in page
    assert 'onerror="' not in page


def test_names_reach_scripts_as_data_only(nasty):
    page = nasty.client.get("/").get_data(as_text=True)
    data = re.search(r'id="live">(.*?)</script>', page, re.DOTALL)[1]
    assert "\\u003cimg" in data
    assert "<" not in data


@pytest.mark.parametrize(
    "value",
    [
        "' OR '1'='1",
        "turbine'; DROP TABLE reading;--",
        "turbine\x00",
        "../../etc/passwd",
        "%00",
        "\u202eenibrut",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/?meter=", "/history?meter=", "/screen?meter=", "/api/live?meter=", "/api/sums?meter=", "/api/events?before="],
)
def test_strange_values_are_refused_and_not_repeated_at_length(house, path, value):
    answer = house.client.get(path + value.replace("%", "%25"))
    assert answer.status_code == 400
    assert len(answer.data) < 8000


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../app.py",
        "/static/x/%2e%2e/%2e%2e/app.py",
        "/static/x//etc/passwd",
        "/static/x/js%5c..%5c..%5capp.py",
        "//evil.example/",
        "/history/../settings",
    ],
)
def test_no_path_leads_out_of_the_static_folder_or_elsewhere(house, path):
    answer = house.client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_foreign_host_is_not_repeated(house):
    for path in ("/", "/login", "/api/live", "/settings/", "//"):
        hosts = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
        answer = house.client.get("/", environ_overrides={"PATH_INFO": path, **hosts})
        assert b"evil.example" not in answer.data
        assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize("value", ["pt\r\nSet-Cookie: phaselog=mine", "pt%0d%0aSet-Cookie:%20phaselog=mine"])
def test_no_parameter_becomes_a_header(house, value):
    for path in ("/?language=", "/login?next=/", "/api/export.csv?meter="):
        answer = house.client.get(path + value)
        assert "mine" not in " ".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_every_change_is_closed_to_strangers(house, method):
    """Also with a form of our own: whatever a view does not open is an admin's."""
    form = house.client.get("/login").get_data(as_text=True)
    sent = {"csrf": re.search(r'name="csrf" value="(\w+)"', form)[1]}
    for rule in house.app.url_map.iter_rules():
        if method not in rule.methods:
            continue
        view = house.app.view_functions[rule.endpoint]
        answer = house.client.open(re.sub(r"<[^>]*>", "1", rule.rule), method=method, data=sent)
        opened = getattr(view, "requires", Role.ADMIN) is Role.NOBODY
        assert answer.status_code in ({400} if opened else {401}), rule.rule


def test_no_view_changes_something_by_looking(house):
    """What a view needs for changing must not be had by GET: all changes have methods of their own."""
    for rule in house.app.url_map.iter_rules():
        reads, changes = rule.methods & READING, rule.methods - READING - {"OPTIONS"}
        assert not (reads and changes), rule.rule


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_no_header_makes_another_request_of_it(house, header):
    answer = house.client.get("/", headers={header: "POST" if "Method" in header else "/settings"})
    assert answer.status_code == 200
    assert "active_power_total" in answer.get_data(as_text=True)


def test_a_page_with_a_proof_in_it_is_kept_by_no_cache(house):
    for path in ("/login", "/code", "/settings"):
        assert house.client.get(path).headers["Cache-Control"] == "no-store"
