"""The one command works in a fresh clone, and says what it cannot do yet."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = "install_and_config.sh"


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(folder / SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def test_help_names_every_option():
    done = run("--help")
    assert done.returncode == 0
    assert all(option in done.stdout for option in ("--try", "--port", "--for"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("arguments", [(), ("--check",), ("--uninstall",)])
def test_setting_up_a_logger_needs_root_and_says_so(arguments: tuple[str, ...]):
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", SCRIPT, *arguments]
    done = subprocess.run(nobody, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "needs root" in done.stderr
    assert "--try" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--purge",), "--uninstall"),
        (("--port", "8080"), "--try"),
        (("--try", "--check"), "alone"),
        (("--without", "page"), "ocr"),
        (("--config",), "needs a value"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(arguments: tuple[str, ...], said: str):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("arguments", [("--tyr",), ("--try", "--port")])
def test_a_wrong_option_points_to_the_help(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert "--help" in done.stderr


@pytest.mark.slow
def test_a_fresh_clone_shows_values_and_the_second_start_is_quick(tmp_path: Path):
    clone = tmp_path / "clone"
    wanted = (
        "collector",
        "sql",
        "systemd",
        "provisioning",
        "pyproject.toml",
        "requirements.txt",
        "README.md",
        "LICENSE",
        SCRIPT,
    )
    clone.mkdir()
    for name in wanted:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, clone / name)
    first = run("--try", "--for", "1s", "--port", str(free_port()), folder=clone)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "first values after" in first.stdout
    assert (clone / ".venv/bin/phaselog").exists()
    second = run("--try", "--for", "1s", "--port", str(free_port()), folder=clone)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "installing" not in second.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_missing_python3_venv_is_named_with_the_one_command(tmp_path: Path):
    """Played with stand-ins for python3, id and sudo: a Debian without python3-venv, and a user without rights."""
    python = shutil.which("python3")
    stand_ins = {
        "python3": f'case "$*" in *ensurepip*) exit 1 ;; esac\nexec {python} "$@"',
        "id": "echo 1000",
        "sudo": "exit 1",
        "apt-get": "exit 1",
    }
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    shutil.copy(ROOT / SCRIPT, tmp_path / SCRIPT)
    shutil.copytree(ROOT / "provisioning", tmp_path / "provisioning")
    path = f"{tmp_path}:/usr/bin:/bin"
    command = ["bash", str(tmp_path / SCRIPT), "--try"]
    done = subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "python3-venv is missing" in done.stdout
    assert done.stderr.endswith("hint: run: sudo apt-get install -y python3-venv\n")
