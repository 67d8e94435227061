"""Two switches open the logger: TLS before the page, readers of the database in the network; and both close again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.appliance.logger import Logger, visible_from_outside
from tests.appliance.shell import call

CONFIG = "/etc/phaselog/phaselog.toml"


@pytest.fixture(scope="module")
def opened(logger: Logger) -> Iterator[Logger]:
    """Both switches are on."""
    network = f"{logger.machine.wire.outside.rpartition('.')[0]}.0/24"
    switches = f"[appliance]\nhttps = true\nremote_database = ['{network}']\n"
    logger.machine.run(f'cp {CONFIG} /root/closed.toml; printf "{switches}" >> {CONFIG}')
    logger.install()
    yield logger
    logger.install("--config /root/closed.toml")
    logger.wait_until_well(60)
    assert not visible_from_outside(logger.machine.address, 3306)
    assert not visible_from_outside(logger.machine.address, 443)
    assert logger.ask("/api/live")["meters"]
    assert logger.machine.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User = 'reader'") == "0"


def read(logger: Logger, *options: str) -> subprocess.CompletedProcess[str]:
    """What a reader in the network is told."""
    password = logger.machine.run("cat /etc/phaselog/secrets/reader").stdout.strip()
    command = ["mariadb", "--no-defaults", f"--host={logger.machine.address}", "--user=reader", "-N", "phaselog"]
    environment = {"MYSQL_PWD": password, "PATH": "/usr/bin:/bin"}
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False, env=environment)


def test_a_reader_in_the_network_reads_encrypted_and_changes_nothing(opened: Logger) -> None:
    asked = read(opened, "--ssl", "--execute=SELECT COUNT(*) FROM reading; SHOW STATUS LIKE 'Ssl_cipher'")
    count, cipher = asked.stdout.splitlines()
    assert int(count) > 0
    assert "_" in cipher.split()[1]
    assert "denied" in read(opened, "--ssl", "--execute=DELETE FROM reading").stderr


def test_nobody_reads_unencrypted(opened: Logger) -> None:
    asked = read(opened, "--skip-ssl", "--execute=SELECT 1")
    assert asked.stdout == ""
    # The server refuses the connection (11.8), or the account without encryption (10.11).
    assert "insecure transport" in asked.stderr or "Access denied" in asked.stderr


def test_the_page_speaks_tls_and_sends_visitors_there(opened: Logger) -> None:
    address = opened.machine.address
    assert "voltage_l1_n" in call("curl", "--silent", "--insecure", f"https://{address}/api/live")
    assert "location: https://" in call("curl", "--silent", "--head", f"http://{address}/").lower()
    assert "/var/log/nginx/access.log" not in opened.machine.run("find /var/log/nginx -size +0").stdout


def test_another_run_changes_nothing(opened: Logger) -> None:
    assert opened.changed() == 0
