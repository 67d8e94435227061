"""What programs get: every answer as the OpenAPI file says, clear refusals, 304 while nothing changes."""

import csv
import gzip
import io
import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource

from collector.model.event import Event
from collector.web.assets import STATIC
from collector.web.documentation import markdown
from collector.web.openapi import described
from collector.web.rooms import ROOMS

API = described()
REFERENCE = STATIC.parents[2] / "docs" / "reference" / "api.md"


def check(path, status, body):
    """The body is what the OpenAPI file promises for this path and status."""
    answer = API["paths"][path]["get"]["responses"][str(status)]
    while "$ref" in answer:
        answer = API["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    schema = answer["content"]["application/json"]["schema"]
    registry = Registry().with_resource("urn:api", Resource.from_contents(API, default_specification=_any_draft()))
    rooted = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
    Draft202012Validator(rooted, registry=registry).validate(body)


def _any_draft():
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012


def span(house, seconds):
    return f"from={house.now - seconds * 1000}&to={house.now}"


@pytest.mark.slow
def test_openapi_file_is_valid():
    validate(API)


def test_every_route_is_documented_and_every_document_is_a_route(house):
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in house.app.url_map.iter_rules()}
    assert {rule for rule in rules if rule.startswith(("/api/", "/healthz", "/electricity_meter/"))} == set(
        API["paths"]
    )


def test_reference_page_is_current():
    assert REFERENCE.read_text(encoding="utf-8") == markdown(), "python -m collector.web.documentation writes it anew"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/live", ""),
        ("/api/live", "?meter=turbine"),
        ("/api/meters", ""),
        ("/api/quantities", ""),
        ("/api/health", ""),
        ("/api/events", "?limit=5"),
        ("/api/sums", "?meter=turbine"),
        ("/api/openapi.json", ""),
        ("/healthz", ""),
    ],
)
def test_answers_match_their_description(house, path, query):
    answer = house.client.get(path + query)
    assert answer.status_code == 200
    check(path, 200, answer.get_json())


@pytest.mark.slow
@pytest.mark.parametrize("resolution", ["raw", "1m", "15m", "1h", "1d"])
def test_series_match_their_description(house, resolution):
    names = "quantity=voltage_l1_n&quantity=active_energy_import&quantity=current_n"
    answer = house.client.get(f"/api/series?{names}&{span(house, 7200)}&resolution={resolution}")
    assert answer.status_code == 200
    body = answer.get_json()
    check("/api/series", 200, body)
    assert all(len(q["value"]) == len(body["times"]) for q in body["quantities"])
    assert body["quantities"][2]["value"] == [None] * len(body["times"])


@pytest.mark.parametrize(
    ("seconds", "resolution"),
    [(600, "raw"), (3600, "1m"), (86_400, "1m"), (7 * 86_400, "15m"), (31 * 86_400, "1h"), (366 * 86_400, "1d")],
)
def test_series_choose_a_resolution_that_a_chart_can_show(house, seconds, resolution):
    body = house.client.get(f"/api/series?quantity=frequency&{span(house, seconds)}").get_json()
    assert body["resolution"] == resolution
    assert len(body["times"]) <= 1500


@pytest.mark.parametrize(
    "query",
    [
        "",
        "quantity=frequency",
        "quantity=frequency&from=1&to=2",
        "quantity=nonsense&from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z",
        "quantity=frequency&from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z",
        "quantity=frequency&from=2026-11-20T00:00:00&to=2026-11-20T01:00:00Z",
        "quantity=frequency&from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z&resolution=2h",
        "quantity=frequency&from=2020-01-01T00:00:00Z&to=2026-11-20T01:00:00Z&resolution=raw",
        "quantity=frequency&meter=x'; DROP TABLE reading;--&from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z",
        "quantity=frequency&from=99999999999999999999&to=1",
        "&".join(f"quantity=q{n}" for n in range(30)),
    ],
)
def test_bad_questions_are_refused_with_what_and_hint(house, query):
    for path in ("/api/series", "/api/export.csv"):
        if "resolution=raw" in query and path.endswith("csv"):
            continue
        answer = house.client.get(f"{path}?{query}")
        assert answer.status_code == 400
        check("/api/series", 400, answer.get_json())
        assert answer.get_json()["error"]["hint"]


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "limit=²", "before=soon"])
def test_bad_limits_of_events_are_refused(house, query):
    assert house.client.get(f"/api/events?{query}").status_code == 400


def test_offsets_are_understood_with_and_without_escaping(house):
    for moment in ("2026-11-20T08:00:00%2B02:00", "2026-11-20T08:00:00+02:00", "2026-11-20T06:00:00Z", "1795154400000"):
        body = house.client.get(f"/api/series?quantity=frequency&from={moment}&to=2026-11-20T09:00:00Z").get_json()
        assert body["from"] == 1795154400000


def test_live_is_304_until_something_changes(house, monkeypatch):
    monkeypatch.setattr("collector.web.live.LOOK_EVERY", 0.0)
    first = house.client.get("/api/live")
    tag = first.headers["ETag"]
    again = house.client.get("/api/live", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    house.run({"turbine": "silent"})
    changed = house.client.get("/api/live", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.get_json()["meters"][0]["state"] == "silent"


def test_live_tells_all_of_one_meter_and_the_headline_of_the_others(build):
    village = build(3)
    village.run()
    one, two, _ = village.client.get("/api/live?meter=house 01").get_json()["meters"]
    assert len(one["values"]) > 10
    assert list(two["values"]) == ["active_power_total"]


@pytest.mark.parametrize("resolution", ["raw", "1m", "15m", "1h", "1d"])
def test_series_has_flags_for_every_point(house, resolution):
    house.store.estimated = [house.now - 5_400_000]
    seconds = 5 * 86_400 if resolution in {"1h", "1d"} else 7200
    query = f"quantity=voltage_l1_n&resolution={resolution}&{span(house, seconds)}"
    series = house.client.get(f"/api/series?{query}").get_json()
    assert len(series["flags"]) == len(series["times"])
    assert set(series["flags"]) == {0, 2}


def test_csv_has_every_reading_with_local_and_utc_time(house):
    answer = house.client.get(
        "/api/export.csv?quantity=voltage_l1_n&quantity=current_n&resolution=raw"
        "&from=2026-11-20T08:00:00-04:00&to=2026-11-20T08:20:00-04:00"
    )
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    assert rows[0] == ["time", "time_utc", "flags", "voltage_l1_n [V]", "current_n [A]"]
    assert rows[1][:3] == ["2026-11-20T08:00:00.000-04:00", "2026-11-20T12:00:00.000Z", "0"]
    assert float(rows[1][3]) > 200
    assert rows[1][4] == ""
    assert len(rows) == 1 + 1200
    assert 'filename="Chapada-turbine-raw.csv"' in answer.headers["Content-Disposition"]


def test_csv_of_periods_has_mean_and_extremes_of_gauges_and_increase_of_counters(house):
    query = f"quantity=voltage_l1_n&quantity=active_energy_import&resolution=1h&{span(house, 7200)}"
    head = house.client.get(f"/api/export.csv?{query}").get_data(as_text=True).splitlines()[0]
    assert head.split(",")[2:] == [
        "voltage_l1_n_mean [V]",
        "voltage_l1_n_min [V]",
        "voltage_l1_n_max [V]",
        "active_energy_import_last [Wh]",
        "active_energy_import_increase [Wh]",
    ]


def test_events_come_page_by_page_and_none_is_left_out(house):
    times = [1000, 900, 900, 900, 800, 700]
    stored = [Event(1_795_000_000_000 + at, f"kind-{number}", "=HYPERLINK()") for number, at in enumerate(times)]
    house.store.events = lambda limit, before=None, page=False: [
        event for event in stored if before is None or event.time < before
    ][:limit]
    seen, before = [], ""
    while before is not None:
        answer = house.client.get("/api/events?limit=2" + (f"&before={before}" if before else "")).get_json()
        check("/api/events", 200, answer)
        seen += [event["kind"] for event in answer["events"]]
        before = answer["next"]
    assert seen == [event.kind for event in stored]
    lines = house.client.get("/api/events?format=csv").get_data(as_text=True).splitlines()
    assert lines[0] == "time,kind,meter,message"
    assert lines[1].endswith(",'=HYPERLINK()"), "no spreadsheet takes it for a formula"


@pytest.mark.parametrize("path", ["/api/meters", "/api/quantities", "/api/events", "/api/sums", "/api/openapi.json"])
def test_answers_are_not_sent_twice(house, path):
    first = house.client.get(path)
    again = house.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_people_did_is_not_for_everybody(house):
    answer = house.client.get("/api/audit")
    assert answer.status_code == 401
    check("/api/audit", 401, answer.get_json())


def test_store_down_is_503_with_a_hint_and_health_says_it(house):
    house.store.down = True
    query = f"quantity=frequency&{span(house, 600)}"
    for path in ("/api/series", "/api/export.csv"):
        answer = house.client.get(f"{path}?{query}")
        assert answer.status_code == 503
        check("/api/series", 503, answer.get_json())
    assert house.client.get("/healthz").status_code == 503
    body = house.client.get("/api/health").get_json()
    check("/api/health", 200, body)
    assert body["store"] is None
    assert body["findings"][0] == {
        "subject": "store",
        "state": "wrong",
        "seen": "the database does not answer",
        "advice": "start it",
    }


def test_slow_store_is_not_asked_again_at_once(house):
    house.store.down = True
    for _ in range(20):
        house.client.get("/api/live")
    assert house.opened <= 2


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_only_looking_is_allowed(house, method):
    for path in ("/", "/api/live", "/api/series", "/static/x/css/base.css"):
        answer = getattr(house.client, method)(path)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"


def test_every_answer_is_closed_to_foreign_scripts(house):
    for path in ("/", "/history", "/health", "/api/live", "/nowhere", "/static/x/css/base.css", "/api/series"):
        headers = house.client.get(path).headers
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_have_nothing_inline(house):
    for path in ("/", "/history", "/health"):
        page = house.client.get(path).get_data(as_text=True)
        assert "style=" not in page
        assert " on" not in [part[:3] for part in page.split("<")]
        for script in page.split("<script")[1:]:
            assert "src=" in script.split(">")[0] or "application/json" in script.split(">")[0]


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "/etc/passwd", "js/../../app.py", ""])
def test_static_files_are_only_those_of_the_static_folder(house, name):
    assert house.client.get(f"/static/x/{name}").status_code == 404


def test_static_files_are_kept_for_ever_under_their_version(house):
    version = house.app.extensions["phaselog"].assets.version
    kept = house.client.get(f"/static/{version}/js/now.js", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in kept.headers["Cache-Control"]
    assert kept.headers["Content-Encoding"] == "gzip"
    assert house.client.get("/static/old/js/now.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", [*dict.fromkeys(room.path for room in ROOMS), "/screen", "/login"])
@pytest.mark.parametrize("language", ["en", "pt"])
def test_first_paint_is_small(house, path, language):
    """At most 120 kB for a page with everything it loads (DESIGN section 6)."""
    page = house.client.get(f"{path}?language={language}", headers={"Accept-Encoding": "identity"})
    total = len(gzip.compress(page.data, 4))
    for url in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.get_data(as_text=True))):
        total += len(house.client.get(url, headers={"Accept-Encoding": "gzip"}).data)
    print(f"first paint of {path} in {language}: {total / 1000:.1f} kB")
    assert total <= 120_000
