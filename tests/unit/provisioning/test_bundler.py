"""What a bundle is made of: Debian's order of versions, what depends on what, and one list of packages."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
import yaml

from provisioning.bundler.archive import Archive, Package, index
from provisioning.bundler.errors import BundleError
from provisioning.bundler.fetch import Wanted, fetch
from provisioning.bundler.mirrors import among, mirrors
from provisioning.bundler.pack import checksums, pack, project_files
from provisioning.bundler.resolve import closure
from provisioning.bundler.versions import compare
from provisioning.bundler.wheels import platforms, requirements

PROJECT = Path(__file__).parents[3]
ASCENDING = [
    "1.0~rc1-1",
    "1.0-1~bpo1",
    "1.0-1",
    "1.0-1+b2",
    "1.0-1+deb13u1",
    "1.0a-1",
    "1.0.1-1",
    "1.9-1",
    "1.10-1",
    "1:0.1",
]


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ASCENDING)))
def test_versions_stand_in_debians_order(older: str, newer: str) -> None:
    assert compare(older, newer) < 0 < compare(newer, older)
    assert compare(older, older) == 0
    if shutil.which("dpkg"):
        assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=False).returncode == 0


def archive_of(*stanzas: str) -> Archive:
    archive = Archive()
    for stanza in stanzas:
        fields = dict(line.split(": ", 1) for line in stanza.splitlines())
        archive.add(Package(fields, stanza, "http://mirror/debian"))
    archive.note_providers()
    return archive


def names(archive: Archive, *wanted: str) -> set[str]:
    return {package.name for package in closure(archive, wanted)}


def test_everything_that_is_depended_on_is_brought_along() -> None:
    archive = archive_of(
        "Package: gcc\nVersion: 4:14.2-1\nPre-Depends: dpkg (>= 1.17)\nDepends: cpp (= 4:14.2-1), mailer | other:any",
        "Package: cpp\nVersion: 4:14.2-1",
        "Package: dpkg\nVersion: 1.22",
        "Package: exim\nVersion: 1\nProvides: mailer (= 2)",
        "Package: other\nVersion: 1",
        "Package: stranger\nVersion: 1",
    )
    assert names(archive, "gcc") == {"gcc", "cpp", "dpkg", "exim"}
    assert names(archive, "other", "gcc") == {"gcc", "cpp", "dpkg", "other"}, "what is chosen anyway serves"


def test_the_newest_version_of_all_suites_is_taken_whatever_the_order() -> None:
    archive = archive_of(
        "Package: a\nVersion: 1-1+deb13u2", "Package: a\nVersion: 1-1+deb13u10", "Package: a\nVersion: 1-1"
    )
    assert [package.version for package in closure(archive, ["a"])] == ["1-1+deb13u10"]


def test_what_a_release_has_not_is_said() -> None:
    with pytest.raises(BundleError, match="no package nonsense"):
        closure(archive_of(), ["nonsense"])
    with pytest.raises(BundleError, match=r"a needs b \(>= 2\)"):
        closure(archive_of("Package: a\nVersion: 1\nDepends: b (>= 2)", "Package: b\nVersion: 1"), ["a"])


def test_the_index_points_to_the_files_beside_it() -> None:
    archive = archive_of("Package: a\nVersion: 1\nFilename: pool/main/a/a_1_all.deb\nSize: 3")
    assert "Filename: ./a_1_all.deb\n" in index(archive.packages.values())


CONTENT = bytes(range(256)) * 400


class Mirror(BaseHTTPRequestHandler):
    """Breaks off the first answer in the middle, then goes on from where it is asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        begin = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.asked.append(f"{self.path} {begin}")
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        self.wfile.write(CONTENT[begin : begin or 50_000])
        self.wfile.write(CONTENT[begin:] if begin else b"")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("provisioning.bundler.fetch.time.sleep", lambda _: None)
    Mirror.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_download_goes_on_where_it_stopped(mirror: str, tmp_path: Path) -> None:
    good = Wanted(f"{mirror}/a.deb", tmp_path / "a.deb", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    fetch(good)
    assert good.path.read_bytes() == CONTENT
    assert Mirror.asked == ["/a.deb 0", "/a.deb 50000"]
    fetch(good)
    assert len(Mirror.asked) == 2, "nothing is asked for what is there already"


def test_what_has_the_wrong_checksum_is_never_kept(mirror: str, tmp_path: Path) -> None:
    forged = Wanted(f"{mirror}/a.deb", tmp_path / "a.deb", hashlib.sha256(b"another").hexdigest(), len(CONTENT))
    with pytest.raises(BundleError, match=r"cannot fetch .*a\.deb"):
        fetch(forged)
    assert list(tmp_path.iterdir()) == []


def packages_txt() -> dict[str, str]:
    lines = (PROJECT / "provisioning/packages.txt").read_text().splitlines()
    found = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: (only[0] if only else "") for name, *only in found}


def role_packages() -> set[str]:
    found: set[str] = set()
    for path in PROJECT.glob("provisioning/roles/*/defaults/main.yml"):
        for key, value in (yaml.safe_load(path.read_text()) or {}).items():
            if key.endswith("_packages"):
                found.update(value if isinstance(value, list) else re.findall(r"'([a-z0-9][a-z0-9.+-]+)'", value))
    for path in PROJECT.glob("provisioning/roles/*/tasks/*.yml"):
        found.update(literal_packages(yaml.safe_load(path.read_text()) or []))
    return {name for name in found if re.fullmatch(r"[a-z][a-z0-9.+-]+", name)}


def literal_packages(tasks: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for task in tasks:
        for part in ("block", "rescue", "always"):
            found |= literal_packages(task.get(part, []))
        apt = task.get("ansible.builtin.apt", {})
        name = apt.get("name", []) if apt.get("state") != "absent" else []
        found.update([name] if isinstance(name, str) else name)
    return found


def test_every_package_of_the_roles_and_the_installer_is_in_the_bundles_list() -> None:
    installer = re.findall(r"need_debian_packages (.+)", (PROJECT / "provisioning/install.sh").read_text())
    wanted = role_packages() | {word for line in installer for word in line.split()}
    assert wanted, "the roles name their packages"
    assert wanted <= set(packages_txt()), "add them to provisioning/packages.txt"


def test_the_list_names_releases_only_where_they_differ() -> None:
    assert set(packages_txt().values()) <= {"", "[bookworm]", "[trixie]", "[pi]"}


def test_every_python_package_of_the_appliance_is_in_the_bundle() -> None:
    wheels = requirements(PROJECT)
    assert {"ansible", "click", "hatchling==1.33.0", "opencv-python-headless", "pymodbus"} <= set(wheels)
    assert not {"mariadb", "imutils"} & set(wheels), "these come as source"


def test_wheels_fit_the_releases_glibc() -> None:
    assert "manylinux_2_36_aarch64" in platforms("bookworm", "arm64")
    assert "manylinux_2_37_aarch64" not in platforms("bookworm", "arm64")
    assert "manylinux_2_41_x86_64" in platforms("trixie", "amd64")


@pytest.mark.slow
def test_the_tar_is_the_project_with_its_bundle_the_same_each_time(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    (bundle / "debs").mkdir(parents=True)
    (bundle / "debs/a.deb").write_bytes(b"deb")
    checksums(bundle)
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, check=False).returncode == 0
    pack(PROJECT, bundle, tmp_path / "one.tar")
    pack(PROJECT, bundle, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar") as tar:
        members = {member.name: member for member in tar}
    assert members["phaselog/install_and_config.sh"].mode == 0o755
    assert {"phaselog/bundle/debs/a.deb", "phaselog/bundle/SHA256SUMS", "phaselog/requirements.txt"} <= set(members)


def test_an_unpacked_release_packs_as_well_as_a_clone(tmp_path: Path) -> None:
    for name in ("collector/a.py", ".venv/b", "collector/__pycache__/c.pyc", "bundle/debs/d.deb", ".ci/run", "e.tar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert {path.as_posix() for path in project_files(tmp_path)} == {"collector/a.py", ".ci/run"}


def test_debian_comes_from_where_this_machine_has_it_or_from_where_it_is_told() -> None:
    apt = [
        "https://vendor/packages/",
        "file:/media/debian/",
        "http://near/debian/",
        "http://far/debian",
        "http://near/debian-security",
    ]
    assert among(apt) == {"debian": "http://near/debian", "debian-security": "http://near/debian-security"}
    assert mirrors("https://told/") == {
        "debian": "https://told/debian",
        "debian-security": "https://told/debian-security",
    }


def test_a_machine_without_debian_must_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BundleError, match="no mirror of debian") as raised:
        mirrors(None)
    assert "--mirror" in raised.value.hint
