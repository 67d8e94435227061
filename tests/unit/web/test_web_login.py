"""Who comes in and who does not: the code of the first visit, passwords, sessions, forms, keys, and those who guess."""

from __future__ import annotations

import re

import pytest

from collector.config.settings import PageSettings
from collector.model.account import Role, User, hashed, new_code, typed_code
from collector.web.login import doorkeeper
from collector.web.login.passwords import METHOD, hash_password, right
from collector.web.login.throttle import DAY, FREE, LONGEST, failed, network, succeeded, wait

PASSWORD = "three words here"


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch):
    """The cost of a password is measured once, not in every test."""
    monkeypatch.setattr("collector.web.login.passwords.METHOD", "scrypt:1024:8:1")


@pytest.fixture
def keeper(house):
    return house.app.extensions["phaselog"].doorkeeper


@pytest.fixture
def ana(house, keeper):
    """An admin, and a browser in which she is logged in."""
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    answer = post(house.client, "/login", name="ana", password=PASSWORD)
    assert answer.status_code == 303
    return house.client


def token_of(page) -> str:
    return re.search(r'name="csrf" value="([0-9a-f]+)"', page.get_data(as_text=True))[1]


def post(client, path, form="/login", **fields):
    """Opens the page with the form, and sends it as a browser does."""
    return client.post(path, data={"csrf": token_of(client.get(form)), **fields})


def cookie(client) -> str:
    found = client.get_cookie("phaselog")
    return found.value if found else ""


def give_code(house, role=Role.ADMIN, seconds=60) -> str:
    keeper, code = house.app.extensions["phaselog"].doorkeeper, new_code()
    keeper.accounts.ask(lambda store: store.put_code(hashed(typed_code(code)), role, keeper.now() + seconds * 1000))
    return code


def events(house) -> list[str]:
    from collector.store.factory import open_reader

    return [f"{e.kind}: {e.message}" for e in open_reader(house.settings.store, house.settings.site).events(page=True)]


def test_first_visit_sets_a_password_with_the_code_and_is_then_logged_in(house):
    code = give_code(house)
    assert "one-time code" in house.client.get("/login").get_data(as_text=True)
    typed = code.lower().replace("-", " ").replace("0", "o")
    answer = post(house.client, "/code", code=typed, name="ana", password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings")
    assert "You are ana" in house.client.get("/settings").get_data(as_text=True)
    assert events(house) == ["page-login: ana: password set by one-time code, from 127.0.0.1"]
    again = post(house.app.test_client(), "/code", "/code", code=code, name="eve", password=PASSWORD, again=PASSWORD)
    assert again.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "0000-0000-0000-0000"},
        {"code": ""},
        {"password": "short", "again": "short"},
        {"again": "another one"},
        {"name": "a b"},
        {"name": "<script>"},
        {"password": "ana", "again": "ana"},
    ],
)
def test_a_wrong_code_form_says_what_is_wrong_and_uses_nothing_up(house, wrong):
    code = give_code(house)
    right_form = {"code": code, "name": "ana", "password": PASSWORD, "again": PASSWORD}
    answer = post(house.client, "/code", **{**right_form, **wrong})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert post(house.client, "/code", "/code", **right_form).status_code == 303


def test_an_old_code_is_worth_nothing(house):
    code = give_code(house, seconds=-1)
    answer = post(house.client, "/code", code=code, name="ana", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 400


def test_the_cookie_is_new_at_login_and_worthless_after_logout(house, keeper):
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    house.client.set_cookie("phaselog", "fixed-by-somebody-else")
    answer = post(house.client, "/login", name="ana", password=PASSWORD)
    given = answer.headers["Set-Cookie"]
    assert "HttpOnly" in given
    assert "SameSite=Strict" in given
    assert "Secure" not in given
    mine = cookie(house.client)
    assert mine != "fixed-by-somebody-else"
    assert keeper.of_session("fixed-by-somebody-else").role is Role.NOBODY
    assert keeper.of_session(mine).name == "ana"
    assert post(house.client, "/logout", "/").status_code == 303
    assert keeper.of_session(mine).role is Role.NOBODY
    assert cookie(house.client) == ""


def test_the_cookie_is_secure_over_tls(house, keeper):
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    page = house.client.get("/login", base_url="https://localhost")
    sent = {"csrf": token_of(page), "name": "ana", "password": PASSWORD}
    answer = house.client.post("/login", data=sent, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_nothing_secret_is_stored_as_it_is(house, ana):
    assert cookie(ana)
    stored = house.settings.store.path.read_bytes()
    wal = house.settings.store.path.with_name(house.settings.store.path.name + "-wal")
    stored += wal.read_bytes() if wal.exists() else b""
    assert PASSWORD.encode() not in stored
    assert cookie(ana).encode() not in stored
    assert b"scrypt:1024:8:1$" in stored


@pytest.mark.parametrize("spent", ["idle", "old"])
def test_sessions_end_by_themselves(house, ana, keeper, monkeypatch, spent):
    mine, now = cookie(ana), keeper.now()
    ages = (
        range(0, doorkeeper.OLDEST + doorkeeper.IDLE, doorkeeper.IDLE // 2) if spent == "old" else [doorkeeper.IDLE + 1]
    )
    for age in ages:
        monkeypatch.setattr(keeper, "now", lambda age=age: now + age)
        if age < doorkeeper.IDLE:
            assert keeper.of_session(mine).name == "ana"
        last = keeper.of_session(mine)
    assert last.role is Role.NOBODY


def test_a_changed_password_ends_the_other_sessions(house, ana, keeper):
    elsewhere = house.app.test_client()
    post(elsewhere, "/login", name="ana", password=PASSWORD)
    fields = {"password": PASSWORD, "new": "four words are here", "again": "four words are here"}
    assert post(ana, "/settings/password", "/settings", **fields).status_code == 303
    assert "You are ana" in ana.get("/settings").get_data(as_text=True)
    assert "You are ana" not in elsewhere.get("/settings").get_data(as_text=True)
    assert post(elsewhere, "/login", name="ana", password=PASSWORD).status_code == 400


@pytest.mark.parametrize(
    "path", ["/settings/users", "/settings/users/remove", "/settings/keys", "/settings/keys/remove"]
)
def test_only_admins_change_who_may_come_in(house, ana, keeper, path):
    keeper.put_user(User("vic", Role.VIEWER, hash_password(PASSWORD), keeper.now()))
    viewer, stranger = house.app.test_client(), house.app.test_client()
    post(viewer, "/login", name="vic", password=PASSWORD)
    fields = {"name": "eve", "role": "admin", "password": PASSWORD}
    assert post(viewer, path, "/settings", **fields).status_code == 403
    assert post(stranger, path, "/login", **fields).status_code == 401
    assert [user.name for user in keeper.accounts.ask(lambda store: store.users())] == ["ana", "vic"]


def test_an_admin_adds_and_removes_users_but_not_the_last_admin(house, ana, keeper):
    assert post(ana, "/settings/users", "/settings", name="vic", role="viewer", password=PASSWORD).status_code == 303
    assert "vic" in ana.get("/settings").get_data(as_text=True)
    assert post(ana, "/settings/users/remove", "/settings", name="ana").status_code == 400
    assert post(ana, "/settings/users", "/settings", name="ana", role="viewer", password=PASSWORD).status_code == 400
    assert post(ana, "/settings/users/remove", "/settings", name="vic").status_code == 303
    assert [user.name for user in keeper.accounts.ask(lambda store: store.users())] == ["ana"]
    assert events(house)[0] == "page-user: ana removed vic"


def test_a_form_of_ours_is_taken_as_browsers_send_it(house, ana, keeper):
    """With our Referrer-Policy the origin of a form is "null", as that of a foreign frame is."""
    sent = {"csrf": token_of(ana.get("/settings")), "name": "vic", "role": "viewer", "password": PASSWORD}
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert ana.post("/settings/users", data=sent, headers=headers).status_code == 303
    assert (
        ana.post("/settings/users", data=sent, headers={**headers, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    )


@pytest.mark.parametrize("change", ["csrf", "cookie", "origin"])
def test_what_another_site_makes_the_browser_send_is_refused(house, ana, keeper, change):
    sent = {"csrf": token_of(ana.get("/settings")), "name": "eve", "role": "admin", "password": PASSWORD}
    headers = {"Origin": "http://evil.example"} if change == "origin" else {}
    if change == "csrf":
        sent["csrf"] = "0" * 64
    if change == "cookie":
        ana.set_cookie("phaselog", "another")
    assert ana.post("/settings/users", data=sent, headers=headers).status_code in {401, 403}
    assert len(keeper.accounts.ask(lambda store: store.users())) == 1


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_login_leads_elsewhere(house, keeper, target):
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    answer = post(house.client, "/login", name="ana", password=PASSWORD, next=target)
    assert answer.headers["Location"] == "/"


def test_looking_needs_a_login_where_the_configuration_says_so(house, ana):
    object.__setattr__(house.settings, "page", PageSettings(login="always"))
    stranger = house.app.test_client()
    answer = stranger.get("/history?range=day")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fhistory%3Frange%3Dday")
    for path in ("/api/live", "/api/export.csv", "/healthz", "/electricity_meter/api/v1.0/energy"):
        assert stranger.get(path).status_code == 401
    for path in ("/login", "/code", "/static/x/css/base.css", "/favicon.ico"):
        assert stranger.get(path).status_code == 200
    assert ana.get("/history").status_code == 200


def test_a_program_comes_in_by_its_key_until_it_is_taken_back(house, ana):
    page = post(ana, "/settings/keys", "/settings", name="grafana", role="viewer").get_data(as_text=True)
    key = re.search(r"<code>(phaselog_[\w-]{40,})</code>", page)[1]
    assert key not in ana.get("/settings").get_data(as_text=True)
    object.__setattr__(house.settings, "page", PageSettings(login="always"))
    program = house.app.test_client()
    assert program.get("/api/live", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    wrong = program.get("/api/live", headers={"Authorization": f"Bearer {key}x"})
    assert wrong.status_code == 401
    assert wrong.headers["WWW-Authenticate"].lower().startswith("bearer")
    # A key is no person: even one that may change things makes no users.
    answer = program.post("/settings/users", data={}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403
    post(ana, "/settings/keys/remove", "/settings", name="grafana")
    assert program.get("/api/live", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_the_page_stays_open_for_looking_while_the_store_is_down(house):
    house.store.down = True
    house.client.set_cookie("phaselog", "whatever")
    assert house.client.get("/").status_code == 200
    assert house.client.get("/login").status_code == 503


@pytest.mark.slow
def test_guessing_grows_slow_and_the_owner_still_comes_in(house, keeper, monkeypatch):
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    now = [keeper.now()]
    monkeypatch.setattr(keeper, "now", lambda: now[0])

    def login(password, address):
        client = house.app.test_client()
        sent = {"csrf": token_of(client.get("/login")), "name": "ana", "password": password}
        return client.post("/login", data=sent, environ_base={"REMOTE_ADDR": address})

    assert login(PASSWORD, "192.168.1.5").status_code == 303
    answers = [login("wrong", "192.168.1.66").status_code for _ in range(FREE + 3)]
    assert answers == [400] * FREE + [429] * 3
    slow = login(PASSWORD, "192.168.1.66")
    assert slow.status_code == 429
    assert int(slow.headers["Retry-After"]) >= 1
    # From everywhere at once: a stranger waits, who came in from an address before does not.
    for host in range(100, 130):
        login("wrong", f"192.168.1.{host}")
    assert login(PASSWORD, "192.168.1.200").status_code == 429
    assert login(PASSWORD, "192.168.1.5").status_code == 303
    now[0] += 61_000
    assert login(PASSWORD, "192.168.1.201").status_code == 303
    assert sum("refused" in each for each in events(house)) < 40


def test_waiting_survives_a_restart_and_a_clock_that_is_put_back(house):
    tries = [failed([], "ana", "a", 1_000_000)]
    for _ in range(30):
        tries = [failed(tries, "ana", "a", 1_000_000)]
    assert wait(tries, "ana", "a", 1_000_000) == LONGEST
    assert wait(tries, "ana", "a", 1_000_000 + LONGEST * 1000) == 0
    assert wait(tries, "ana", "a", 500) == 0
    assert failed(tries, "ana", "a", 1_000_000 + 2 * DAY).failures == 1
    assert wait([succeeded("ana", "a", 1_000_000)], "ana", "a", 1_000_000) == 0


def test_addresses_of_one_machine_count_as_one():
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("::ffff:192.168.1.5") == network("192.168.1.5") == "192.168.1.5"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("") == network("localhost") == "local"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["ana'; DROP TABLE page_user;--", "ana\x00", "ána", "a" * 5000, "", "ana\r\nSet-Cookie: a=b"]
)
def test_strange_names_are_nobody(house, keeper, name):
    keeper.put_user(User("ana", Role.ADMIN, hash_password(PASSWORD), keeper.now()))
    answer = post(house.client, "/login", name=name, password=PASSWORD)
    assert answer.status_code == 400
    assert len(keeper.accounts.ask(lambda store: store.users())) == 1


def test_a_request_that_is_too_large_is_refused(house):
    assert house.client.post("/login", data=b"x" * 1_500_000, content_type="text/plain").status_code in {403, 413}


@pytest.mark.slow
def test_a_password_costs_what_it_should(monkeypatch):
    monkeypatch.setattr("collector.web.login.passwords.METHOD", METHOD)
    stored = hash_password(PASSWORD)
    assert stored.startswith("scrypt:32768:8:1$")
    assert right(stored, PASSWORD)
    assert not right(stored, "another")
    assert not right(None, "")
