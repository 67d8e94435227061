"""A release that does not work is not kept, an older one can come back, and removing leaves the readings."""

from __future__ import annotations

from tests.appliance.logger import PROJECT, Logger

RUN = f"{PROJECT}/collector/service/run.py"


def test_a_release_that_does_not_start_leaves_the_one_before_running(logger: Logger) -> None:
    machine = logger.machine
    before = machine.run("readlink /opt/phaselog/current").stdout
    machine.run(f"cp {RUN} /root/run.py; sed -i 's/^def run(.*/&\\n    raise SystemExit(1)/' {RUN}")
    try:
        done = logger.install(check=False)
    finally:
        machine.run(f"cp /root/run.py {RUN}")
    assert done.returncode == 1
    assert "one before runs again" in done.stderr.replace("\n", " ")
    assert machine.run("readlink /opt/phaselog/current").stdout == before
    logger.wait_until_well(60)


def test_a_newer_version_takes_over_and_the_older_one_can_come_back(logger: Logger) -> None:
    machine, version = logger.machine, f"{PROJECT}/collector/__init__.py"
    before = logger.stored(logger.now())
    machine.run(f"cp {version} /root/version.py; sed -i 's/^__version__ = .*/__version__ = \"99.0.0\"/' {version}")
    logger.install()
    assert "99.0.0" in machine.run("phaselog --version").stdout
    logger.wait_until_well(60)
    machine.run(f"cp /root/version.py {version}")
    logger.install()
    assert "99.0.0" not in machine.run("phaselog --version").stdout
    logger.wait_until_well(60)
    assert int(logger.stored(logger.now())[0]) > int(before[0])


def test_uninstalling_keeps_the_readings_and_leaves_nothing_else(logger: Logger) -> None:
    machine = logger.machine
    before = logger.readings()
    done = logger.install("--uninstall")
    assert "kept: the database phaselog" in done.stdout
    assert logger.readings() >= before  # the collector has stored what it had in hand
    places = "/etc /opt /usr/local /usr/sbin /run/systemd/system"
    left = machine.run(f"find {places} -xdev -name '*phaselog*' ! -path '/etc/phaselog*'").stdout
    assert left == ""
    assert "phaselog-" not in machine.run("getent passwd").stdout
    # systemctl fails when it finds none, which is what is wanted.
    assert machine.run("systemctl list-unit-files --no-legend 'phaselog-*'", check=False).stdout == ""
    assert machine.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'phaselog-%'") == "0"
    logger.install()
    logger.wait_until_well(60)
    assert logger.readings() > before


def test_purging_removes_the_readings_too(logger: Logger) -> None:
    logger.install("--uninstall --purge")
    assert "phaselog" not in logger.machine.sql("SHOW DATABASES")
    left = logger.machine.run("ls -d /etc/phaselog /var/lib/phaselog /var/lib/phaselog-backup", check=False)
    assert left.stdout == ""


def test_looking_at_a_machine_without_phaselog_tells_every_step_and_does_none(logger: Logger) -> None:
    looked = logger.install("--check --config /root/site.toml")
    for step in ("base : Make the folder", "application : Install another release", "backup : Make the user"):
        assert f"would change: {step}" in looked.stdout
    assert logger.machine.run("ls -d /etc/phaselog /opt/phaselog", check=False).stdout == ""
