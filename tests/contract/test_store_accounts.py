"""What both stores promise of the page's own tables: what is put comes back, what is taken is gone, no secret twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from stores import START, Box, Server

from collector.errors import SchemaOutdated, StoreRefused
from collector.model.account import Key, Role, Tries, User
from collector.model.account_store import AccountStore
from collector.model.event import Event
from collector.store.factory import open_accounts

ANA = User("ana", Role.ADMIN, "scrypt:1024:8:1$salt$hash", START)
VIC = User("vic", Role.VIEWER, "scrypt:1024:8:1$salt$other", START + 1)


@pytest.fixture
def accounts(box: Box) -> Iterator[AccountStore]:
    box.migrate({})
    opened = open_accounts(box.settings)
    yield opened
    opened.close()


def test_users_come_back_and_a_change_ends_their_sessions(accounts: AccountStore) -> None:
    accounts.put_user(VIC)
    accounts.put_user(ANA)
    accounts.add_session("t" * 64, "ana", START)
    assert accounts.users() == [ANA, VIC]
    session = accounts.session("t" * 64)
    assert session is not None
    assert (session.user, session.role, session.created, session.seen) == ("ana", Role.ADMIN, START, START)
    accounts.see_session("t" * 64, START + 5)
    assert accounts.session("t" * 64).seen == START + 5  # type: ignore[union-attr]
    accounts.put_user(User("ana", Role.VIEWER, "x", START))
    assert accounts.session("t" * 64) is None
    assert accounts.user("ana") == User("ana", Role.VIEWER, "x", START)
    assert accounts.user("ANA") is None


def test_a_removed_user_leaves_nothing(accounts: AccountStore) -> None:
    accounts.put_user(ANA)
    accounts.add_session("t" * 64, "ana", START)
    accounts.add_key(Key("k" * 64, "grafana", Role.VIEWER, "ana", START))
    accounts.put_tries(Tries("ana", "192.168.1.5", 3, START, False), 0)
    assert accounts.remove_user("ana")
    assert not accounts.remove_user("ana")
    assert accounts.session("t" * 64) is None
    assert accounts.keys() == accounts.tries() == accounts.users() == []


def test_old_sessions_go(accounts: AccountStore) -> None:
    accounts.put_user(ANA)
    for name, seen in (("a", 100), ("b", 200)):
        accounts.add_session(name * 64, "ana", START)
        accounts.see_session(name * 64, START + seen)
    accounts.end_old_sessions(START + 150, START)
    assert accounts.session("a" * 64) is None
    assert accounts.session("b" * 64)
    accounts.end_old_sessions(START, START + 1)
    assert accounts.session("b" * 64) is None


def test_keys_are_found_by_their_hash_and_have_names_of_their_own(accounts: AccountStore) -> None:
    key = Key("k" * 64, "grafana", Role.VIEWER, "ana", START)
    accounts.add_key(key)
    assert accounts.key("k" * 64) == key
    with pytest.raises(StoreRefused):
        accounts.add_key(Key("l" * 64, "grafana", Role.ADMIN, "ana", START))
    accounts.see_key("k" * 64, START + 9)
    assert accounts.keys()[0].used == START + 9
    assert accounts.remove_key("grafana")
    assert not accounts.remove_key("grafana")
    assert accounts.key("k" * 64) is None


def test_tries_are_remembered_and_old_ones_forgotten(accounts: AccountStore) -> None:
    accounts.put_tries(Tries("ana", "a", 1, START, False), 0)
    accounts.put_tries(Tries("ana", "a", 2, START + 10, True), 0)
    accounts.put_tries(Tries("", "b", 1, START + 20, False), START + 15)
    assert accounts.tries() == [Tries("", "b", 1, START + 20, False)]


def test_a_code_is_good_once_and_not_too_late(accounts: AccountStore) -> None:
    accounts.put_code("c" * 64, Role.VIEWER, START + 10)
    assert accounts.take_code("c" * 64, START + 11) is None
    assert accounts.take_code("x" * 64, START) is None
    assert accounts.take_code("c" * 64, START) is Role.VIEWER
    assert accounts.take_code("c" * 64, START) is None
    accounts.put_code("c" * 64, Role.ADMIN, START + 10)
    accounts.put_code("d" * 64, Role.ADMIN, START + 10)
    assert accounts.take_code("c" * 64, START) is None


def test_what_people_did_is_told_apart_from_what_happened(box: Box, accounts: AccountStore) -> None:
    box.writer().add_event(Event(START, "counter_reset", "of the meter", "turbine"))
    for _ in range(3):
        accounts.add_event(Event(START, "page-login", "ana"))
    reader = box.reader()
    assert [event.kind for event in reader.events()] == ["counter_reset"]
    assert [(event.time, event.kind) for event in reader.events(page=True)] == [
        (START + late, "page-login") for late in (2, 1, 0)
    ]
    assert [event.time for event in reader.events(1, START + 2, page=True)] == [START + 1]


def test_a_schema_from_before_is_told_with_the_way_out(box: Box) -> None:
    box.migrate({})
    opened = open_accounts(box.settings)
    opened._database.execute("DROP TABLE page_user")  # type: ignore[attr-defined]
    with pytest.raises(SchemaOutdated, match=r"page_user|table is missing"):
        opened.users()
    opened.close()


@pytest.mark.mariadb
def test_the_rights_that_the_installer_gives_the_page_are_enough_and_no_more(
    mariadb_box: Box, server: Server, tmp_path: Path
) -> None:
    """With `application_page_rights` of the playbook: all that is above, and no reading."""
    mariadb_box.migrate({"turbine": ["voltage_l1_n"]})
    name, secret = mariadb_box.settings.database, tmp_path / "secret"
    secret.write_text("of this test")
    account = f"page_{name[-8:]}"
    server.sql(
        f"CREATE USER {account}@localhost IDENTIFIED BY 'of this test'; GRANT SELECT ON {name}.* TO {account}@localhost"
    )
    defaults = (Path(__file__).parents[2] / "provisioning/roles/application/defaults/main.yml").read_text()
    rights = yaml.safe_load(defaults)["application_page_rights"]
    for table in server.sql(f"SHOW TABLES IN {name}").split():
        if table in rights:
            server.sql(f"GRANT {rights[table]} ON {name}.{table} TO {account}@localhost")
    page = open_accounts(replace(mariadb_box.settings, user=account, password_file=secret))
    page.put_user(ANA)
    page.put_user(User("ana", Role.ADMIN, "x", START))
    page.add_session("t" * 64, "ana", START)
    page.see_session("t" * 64, START + 1)
    page.add_key(Key("k" * 64, "grafana", Role.VIEWER, "ana", START))
    page.see_key("k" * 64, START)
    page.put_tries(Tries("ana", "a", 1, START, False), START)
    page.put_tries(Tries("ana", "a", 2, START, False), START)
    page.put_code("c" * 64, Role.ADMIN, START + 1)
    assert page.take_code("c" * 64, START) is Role.ADMIN
    page.add_event(Event(START, "page-login", "ana"))
    page.end_session("t" * 64)
    page.end_old_sessions(START, START)
    assert page.remove_key("grafana")
    assert page.remove_user("ana")
    for forbidden in (
        "INSERT INTO reading (meter_id, time) VALUES (1, NOW())", "DELETE FROM event", "UPDATE event SET message = ''",
        "DELETE FROM meter", "ALTER TABLE page_user ADD COLUMN more INT", "DROP TABLE page_user",
    ):  # fmt: skip
        with pytest.raises(StoreRefused):
            page._database.execute(forbidden)  # type: ignore[attr-defined]
    page.close()
    server.sql(f"DROP USER {account}@localhost")
