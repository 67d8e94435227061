"""Nobody gets in: units are fenced in, accounts can do their own work only, ports are closed, secrets stay secret."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.appliance.logger import PROJECT, Logger, visible_from_outside
from tests.appliance.machine import ROOT
from tests.appliance.shell import call

SERVICES = sorted(path.name for path in (ROOT / "systemd").glob("phaselog-*.service"))
#: What systemd-analyze may say of a unit, at most.
MOST_EXPOSED = 2.0
DAMAGE = (
    "DROP TABLE reading",
    "DROP DATABASE phaselog",
    "DELETE FROM reading",
    "TRUNCATE TABLE reading",
    "ALTER TABLE reading ADD COLUMN nonsense INT",
    "CREATE TABLE nonsense (id INT)",
    "CREATE DATABASE nonsense",
    "CREATE USER nonsense@localhost",
    "GRANT ALL ON *.* TO 'phaselog-status'@localhost",
    "SELECT 1 INTO OUTFILE '/tmp/nonsense'",
)
WRITING = (
    *DAMAGE,
    "UPDATE reading SET voltage_l1_n = 0",  # the collector may, see decision 23
    "INSERT INTO reading (meter_id, time) VALUES (1, '2020-01-01')",
    "UPDATE event SET message = ''",
    "DELETE FROM event",
    "INSERT INTO meter (name) VALUES ('nonsense')",
    "UPDATE latest_value SET value = 0",
    "INSERT INTO tariff VALUES ('2020-01-01', 'a', 1, 'BRL')",
)
#: Who may come in is the page's own to change, and it adds what people did.
OWN = (
    "INSERT INTO page_user VALUES ('nobody', 'viewer', '-', '2020-01-01')",
    "DELETE FROM page_session",
    "INSERT INTO event (time, kind, message) VALUES ('2020-01-01', 'page-test', '')",
)


@pytest.mark.parametrize("unit", SERVICES)
def test_every_unit_is_fenced_in(logger: Logger, unit: str) -> None:
    said = logger.machine.run(f"systemd-analyze security --offline=yes --no-pager {PROJECT}/systemd/{unit}").stdout
    exposed = re.search(r"Overall exposure level for \S+: (\d+\.\d)", said)
    assert exposed, said
    print(f"{logger.machine.release}: {unit} {exposed[1]}")
    assert float(exposed[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", SERVICES)
def test_every_unit_runs_as_it_was_checked(logger: Logger, unit: str) -> None:
    installed = logger.machine.run(f"systemd-analyze security --offline=yes --no-pager {unit}").stdout
    level = re.search(r"Overall exposure level for \S+: (\d+\.\d)", installed)
    assert level
    assert float(level[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("statement", DAMAGE)
def test_the_collector_cannot_harm_what_is_stored(logger: Logger, statement: str) -> None:
    assert refused(logger, "phaselog-collector", statement)


@pytest.mark.parametrize("statement", WRITING)
def test_the_page_cannot_write(logger: Logger, statement: str) -> None:
    assert refused(logger, "phaselog-status", statement)


@pytest.mark.parametrize("statement", OWN)
def test_the_page_changes_who_may_come_in(logger: Logger, statement: str) -> None:
    assert not refused(logger, "phaselog-status", statement)
    assert refused(logger, "phaselog-collector", statement) or "event" in statement


def test_a_one_time_code_of_the_logger_sets_the_first_password(logger: Logger) -> None:
    code = logger.machine.run("phaselog user code").stdout.strip()
    page = f"http://{logger.machine.address}"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = browser.open(f"{page}/code", timeout=60).read().decode()
    proof = re.search(r'name="csrf" value="([0-9a-f]+)"', form)
    assert proof
    fields = {
        "csrf": proof[1],
        "code": code,
        "name": "ana",
        "password": "three words here",
        "again": "three words here",
    }
    shown = browser.open(f"{page}/code", urllib.parse.urlencode(fields).encode(), timeout=60).read().decode()
    assert "You are ana" in shown
    assert "ana" in logger.machine.run("phaselog user list").stdout
    assert code not in logger.machine.journal()


def refused(logger: Logger, user: str, statement: str) -> bool:
    """True if the server says that this user may not; rolled back if it lets them."""
    said = logger.machine.run(
        f'mariadb phaselog --execute "START TRANSACTION; {statement}; ROLLBACK"', user=user, check=False
    )
    return said.returncode != 0 and "denied" in said.stderr


@pytest.mark.parametrize(
    "account",
    [
        "nobody",
        "root",
        "phaselog-collector",
        "phaselog-status",
        "phaselog-insight",
        "phaselog-alerts",
        "phaselog-maintain",
    ],
)
def test_somebody_unknown_cannot_log_in(logger: Logger, account: str) -> None:
    said = logger.machine.run(f"mariadb --user={account} --execute 'SELECT 1'", user="nobody", check=False)
    assert said.returncode != 0
    assert "denied" in said.stderr


def test_no_account_of_the_database_has_a_password_or_serves_another_machine(logger: Logger) -> None:
    found = logger.machine.sql(
        "SELECT User, Host FROM mysql.global_priv WHERE Host NOT IN ('localhost') OR User = ''"
        " OR (JSON_VALUE(Priv, '$.authentication_string') NOT IN ('', 'invalid'))"
    )
    assert found == ""


def listening(logger: Logger) -> list[int]:
    """TCP ports that something in the machine listens on."""
    lines = logger.machine.run("cat /proc/net/tcp /proc/net/tcp6").stdout.splitlines()
    fields = [line.split() for line in lines if line.split()[3] == "0A"]
    return sorted({int(field[1].rsplit(":", 1)[1], 16) for field in fields})


def test_only_ssh_and_the_page_are_open(logger: Logger) -> None:
    address = logger.machine.address
    ports = sorted({*range(1, 1025), *listening(logger), 3306, 33060, 5353, 8080})
    with ThreadPoolExecutor(128) as pool:
        answers = list(pool.map(lambda port: visible_from_outside(address, port), ports))
    found = [port for port, answered in zip(ports, answers, strict=True) if answered]
    assert 80 in found
    assert set(found) <= {22, 80}


def test_the_server_listens_on_no_port(logger: Logger) -> None:
    assert 3306 not in listening(logger)


def test_a_port_that_somebody_opens_by_mistake_stays_closed(logger: Logger) -> None:
    logger.machine.run("systemd-run --quiet --unit=mistake /usr/bin/python3 -m http.server 8099")
    try:
        logger.machine.wait_until(lambda: 8099 in listening(logger), 20, "it listens")
        assert not visible_from_outside(logger.machine.address, 8099)
    finally:
        logger.machine.run("systemctl stop mistake", check=False)


def test_the_page_is_for_the_house_only(logger: Logger) -> None:
    wire = logger.machine.wire
    stranger = f"203.0.113.{wire.number}"  # RFC 5737: an address of nobody, here of this side of the wire
    call("ip", "address", "add", f"{stranger}/32", "dev", wire.space)
    try:
        asked = ("curl", "--silent", "--fail", "--max-time", "4", f"http://{wire.address}/api/live")
        assert call(*asked)
        assert not call(*asked[:1], "--interface", stranger, *asked[1:], check=False)
    finally:
        call("ip", "address", "delete", f"{stranger}/32", "dev", wire.space)


def test_no_secret_is_where_somebody_can_read_it(logger: Logger) -> None:
    machine = logger.machine
    assert machine.run("find /etc/phaselog /var/lib/phaselog /opt/phaselog -xdev -type f -perm /o+w").stdout == ""
    keys = "grep --recursive --files-with-matches --binary-files=without-match -E 'BEGIN ([A-Z]+ )?PRIVATE KEY'"
    kept = machine.run(f"{keys} /etc /var/lib/phaselog /usr/local /root 2>/dev/null", check=False).stdout.split()
    for name in kept:
        assert machine.run(f"stat --format %a {name}").stdout.strip().endswith("0"), name
    assert machine.run("stat --format %a /var/log/phaselog-install.log").stdout.strip() == "600"
    for folder in ("/var/lib/phaselog", "/run/phaselog"):
        assert machine.run(f"ls {folder}", user="nobody", check=False).returncode != 0


def test_the_generated_secrets_appear_in_no_command_line_log_or_readable_file(logger: Logger) -> None:
    machine = logger.machine
    folder = "/etc/phaselog/secrets"
    named = machine.run(f"find {folder} -type f 2>/dev/null", check=False).stdout.split()
    for name in named:
        secret = machine.run(f"head -c 200 {name}").stdout.strip()
        assert len(secret) >= 16, name
        assert secret not in machine.journal()
        assert secret not in machine.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true").stdout
        machine.write("/root/pattern", secret)
        hits = machine.run("grep -rlF -f /root/pattern /etc /opt/phaselog /var/log /tmp /run 2>/dev/null", check=False)
        readable = [hit for hit in hits.stdout.split() if machine.run(f"stat -c %a {hit}").stdout.strip()[-1] != "0"]
        assert readable == []
    said = machine.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout + machine.journal()
    assert not re.search(r"(--password=|IDENTIFIED BY )\S", said)
