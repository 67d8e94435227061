"""Downloads Python packages for another machine's Python with this machine's pip."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from .errors import BundleError

#: Debian release: its Python, and its glibc's minor version.
TARGETS = {"bookworm": ("3.11", 36), "trixie": ("3.13", 41)}
_MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
_OLDEST_GLIBC = 5
#: Have no wheels for Linux; built on the target with _BACKENDS, which pip adds to a source without pyproject.toml too.
_SOURCES = ("imutils", "mariadb")
_BACKENDS = ("packaging", "setuptools", "wheel")
#: What the installer's environment needs to run Ansible and to check a configuration.
_INSTALLER = ("ansible", "click", "pydantic", "tzdata")
#: Asked while the MariaDB driver tells its name and version; nothing is built here.
_CONNECTOR = "#!/bin/sh\necho 3.3.1\n"


def _pip(arguments: list[str], constraints: Path, folder: Path, environment: dict[str, str] | None = None) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", str(constraints), "--dest", str(folder), *arguments]
    done = subprocess.run(command, env={**os.environ, **(environment or {})}, check=False)  # noqa: S603
    if done.returncode:
        raise BundleError(
            "pip could not fetch the Python packages (its words are above)", "is this machine on the internet?"
        )


def _require_pip() -> None:
    command = [sys.executable, "-m", "pip", "--version"]
    if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        raise BundleError(
            f"{sys.executable} has no pip", "install the package python3-pip, or run this in a virtual environment"
        )


def platforms(release: str, arch: str) -> list[str]:
    """pip's options for what the release's glibc can run."""
    machine = _MACHINES[arch]
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(TARGETS[release][1], _OLDEST_GLIBC - 1, -1)]
    names += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}", f"linux_{machine}"]
    return [option for name in names for option in ("--platform", name)]


def requirements(project: Path) -> list[str]:
    """What has wheels: the program with its extras, its build backend, the installer's own, the sources' backends."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    names: set[str] = {
        *settings["project"]["dependencies"],
        *settings["build-system"]["requires"],
        *_INSTALLER,
        *_BACKENDS,
    }
    for extra in ("mariadb", "ocr", "p1-encrypted"):
        names.update(settings["project"]["optional-dependencies"][extra])
    return sorted(names - set(_SOURCES))


def download(project: Path, release: str, arch: str, folder: Path) -> None:
    """Every wheel and source that the two virtual environments need, as files in `folder`. Raises BundleError."""
    _require_pip()
    folder.mkdir(parents=True, exist_ok=True)
    constraints = project / "requirements.txt"
    target = ["--only-binary=:all:", "--implementation", "cp", "--python-version", TARGETS[release][0]]
    _pip([*target, *platforms(release, arch), *requirements(project)], constraints, folder)
    with tempfile.TemporaryDirectory() as where:
        connector = Path(where) / "mariadb_config"
        connector.write_text(_CONNECTOR)
        connector.chmod(0o700)
        choice = ["--no-deps", f"--no-binary={','.join(_SOURCES)}"]
        _pip([*choice, *_SOURCES], constraints, folder, {"MARIADB_CONFIG": str(connector)})
