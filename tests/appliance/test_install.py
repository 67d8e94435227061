"""One command makes a minimal Debian a logger; a second run changes nothing, and looking changes nothing either."""

from __future__ import annotations

import json

from conftest import COMMIT_EVERY, PROJECT, Logger, changes


def test_one_command_and_within_a_minute_readings_are_stored_and_shown(logger: Logger) -> None:
    assert logger.installed.returncode == 0
    assert logger.waited < 60
    assert changes(logger.installed.stdout) > 0
    print(f"{logger.machine.release}: {logger.seconds:.0f} s to install, {logger.waited:.0f} s to the first reading")


def test_every_part_prints_its_time(logger: Logger) -> None:
    for role in ("base", "database", "application", "status_page"):
        assert any(f"] {role}: " in line and line.endswith(" s") for line in logger.installed.stdout.splitlines())


def test_a_second_run_changes_nothing(logger: Logger) -> None:
    assert logger.changed() == 0


def test_looking_changes_nothing_and_says_so(logger: Logger) -> None:
    assert logger.changed("--check") == 0


def test_looking_tells_what_an_edited_configuration_would_change(logger: Logger) -> None:
    before = logger.machine.run("sha256sum /etc/phaselog/phaselog.toml").stdout
    logger.machine.run("sed 's/Chapada/Chapada Imperial/' /etc/phaselog/phaselog.toml > /root/edited.toml")
    looked = logger.install("--check --config /root/edited.toml")
    assert "would change: application : Apply the configuration" in looked.stdout
    assert logger.machine.run("sha256sum /etc/phaselog/phaselog.toml").stdout == before


def test_an_edited_configuration_is_used_and_only_that_is_changed(logger: Logger) -> None:
    logger.machine.run('sed -i \'s/"Chapada"/"Chapada Imperial"/\' /etc/phaselog/phaselog.toml')
    assert logger.changed() <= 3  # the collector and the page restart
    assert "Chapada Imperial" in logger.machine.run("curl -s http://127.0.0.1/").stdout
    logger.machine.wait_until(logger.logs, 60, "it logs again")


def test_a_wrong_configuration_stops_it_before_anything_is_touched(logger: Logger) -> None:
    logger.machine.run(
        "sed 's/siemens-pac3100/siemens-pac9999/; s/126/999/' /etc/phaselog/phaselog.toml > /root/bad.toml"
    )
    refused = logger.install("--config /root/bad.toml", check=False)
    assert refused.returncode == 1
    assert "2 mistakes" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert logger.logs()


def test_the_person_who_installed_reads_the_data_and_cannot_change_it(logger: Logger) -> None:
    logger.machine.run("id maria >/dev/null 2>&1 || useradd --create-home maria")
    asked = logger.machine.run("mysql phaselog -N -e 'SELECT COUNT(*) FROM reading'", user="maria")
    assert int(asked.stdout) > 0
    assert logger.machine.run("mysql phaselog -e 'DELETE FROM reading'", user="maria", check=False).returncode != 0


def test_queries_of_the_ancestor_and_local_time_work(logger: Logger) -> None:
    found = logger.machine.sql("SELECT COUNT(tensao_L1_N), COUNT(datahora) FROM chapada_imperial.multimedidor")
    assert all(int(count) > 0 for count in found.split())


def test_the_doctor_finds_nothing_wrong(logger: Logger) -> None:
    done = logger.machine.run("phaselog doctor --json", check=False)
    wrong = [finding for finding in json.loads(done.stdout) if finding["state"] == "wrong"]
    assert not wrong
    assert done.returncode == 0


def test_the_page_of_a_logger_without_an_adapter_says_how_to_connect_one(logger: Logger) -> None:
    logger.machine.run(
        f"cp /etc/phaselog/phaselog.toml /root/kept.toml; cp {PROJECT}/provisioning/phaselog.toml /root/d.toml"
    )
    try:
        logger.install("--config /root/d.toml")
        logger.machine.wait_until(
            lambda: "no USB serial adapter" in logger.machine.run("curl -s http://127.0.0.1/").stdout,
            30, "the page tells about the adapter",
        )  # fmt: skip
    finally:
        logger.install("--config /root/kept.toml")
    logger.machine.wait_until(logger.logs, COMMIT_EVERY + 60, "it logs again")
