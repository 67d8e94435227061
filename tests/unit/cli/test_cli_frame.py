"""Every ending of a command is an exit code and at most a few lines, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from collector.cli import documentation, frame
from collector.cli.complaint import DEFECT
from collector.errors import ConfigError, Mistake, PhaselogError, StoreDown, UsageError


@pytest.fixture
def failing(monkeypatch):
    """`phaselog fail` raises this."""

    def install(error: BaseException) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setitem(frame.phaselog.commands, "fail", click.Command("fail", callback=fail))

    return install


@pytest.mark.parametrize("kind", [PhaselogError, UsageError, StoreDown])
def test_an_error_is_two_lines_and_its_exit_code(failing, capfd, kind):
    failing(kind("it does not work", "mend it"))
    assert frame.ended(["fail"]) == kind.exit_code
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "error: it does not work\nhint: mend it\n"


def test_every_mistake_of_a_configuration_is_told(failing, capfd):
    mistakes = [Mistake("a.b", "is wrong", "write c"), Mistake("d", "is missing")]
    failing(ConfigError("x.toml: 2 mistakes", mistakes))
    assert frame.ended(["fail"]) == 2
    assert capfd.readouterr().err == (
        "error: x.toml: 2 mistakes\n  a.b: is wrong\n    hint: write c\n  d: is missing\n"
    )


def test_a_defect_is_named_as_one_and_shows_its_traceback_only_when_asked(failing, capfd):
    failing(ZeroDivisionError("division by zero"))
    assert frame.ended(["fail"]) == DEFECT
    err = capfd.readouterr().err
    assert "defect" in err
    assert "Traceback" not in err
    assert frame.ended(["--debug", "fail"]) == DEFECT
    assert "Traceback" in capfd.readouterr().err


def test_ctrl_c_ends_quietly(failing, capfd):
    failing(KeyboardInterrupt())
    assert frame.ended(["fail"]) == 130
    assert capfd.readouterr() == ("", "")


def test_a_wrong_command_line_says_where_help_is(capfd):
    assert frame.ended(["chek"]) == 2
    err = capfd.readouterr().err
    assert err.startswith("error: No such command")
    assert "check" in err, "the nearest command is named"
    assert frame.ended(["read", "--count", "many"]) == 2
    assert "hint: phaselog read --help" in capfd.readouterr().err
    assert frame.ended([]) == 2
    assert "Usage:" in capfd.readouterr().err


def test_a_file_that_is_not_there_is_one_sentence(capfd, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PHASELOG_CONFIG", str(tmp_path / "none.toml"))
    assert frame.ended(["check"]) == 2
    assert capfd.readouterr().err.startswith(f"error: {tmp_path}/none.toml: no such file\nhint: ")


@pytest.mark.slow
def test_colour_only_where_it_is_seen(failing):
    script = (
        "import sys, click; from collector.cli import frame; from collector.errors import UsageError\n"
        "def fail(): raise UsageError('no')\n"
        "frame.phaselog.add_command(click.Command('fail', callback=fail)); sys.exit(frame.ended(['fail']))"
    )
    main, child = os.openpty()
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with subprocess.Popen([sys.executable, "-c", script], stderr=child, env={**os.environ, **environment}):
            pass
        assert (b"\x1b[" in os.read(main, 4096)) is coloured
    os.close(main)
    os.close(child)


@pytest.mark.slow
def test_a_reader_that_went_away_is_no_error():
    script = "import sys; from collector.cli import frame; sys.exit(frame.ended(['models']))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == frame.BROKEN_PIPE


def test_help_needs_none_of_the_heavy_rooms():
    script = (
        "import sys; from collector.cli import frame; frame.ended(['--help'])\n"
        "heavy = {'pydantic', 'flask', 'pymodbus', 'mariadb', 'serial', 'sqlite3', 'waitress'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_the_reference_of_the_commands_is_current():
    assert documentation.PAGE.read_text() == documentation.markdown(), "run `python -m collector.cli.documentation`"


def test_every_exit_code_is_documented():
    def codes(kind: type[PhaselogError]) -> set[int]:
        return {kind.exit_code}.union(*(codes(child) for child in kind.__subclasses__()))

    assert codes(PhaselogError) <= set(documentation.EXIT_CODES)
