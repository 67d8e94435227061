"""Reads what a Debian release offers, from lists whose signature is checked."""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BundleError
from .fetch import Wanted, fetch, small
from .versions import compare, satisfies

_COMPONENT = "main"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: Folder of a mirror, suffix of the release's name.
_SUITES = (("debian", ""), ("debian", "-updates"), ("debian-security", "-security"))


@dataclass(frozen=True)
class Package:
    """One stanza of a Packages list, and the mirror's folder that holds its file."""

    fields: dict[str, str]
    stanza: str
    base: str

    @property
    def name(self) -> str:
        """The package's name."""
        return self.fields["Package"]

    @property
    def version(self) -> str:
        """The package's version, with its epoch if it has one."""
        return self.fields["Version"]

    def wanted(self, folder: Path) -> Wanted:
        """Where the package's file comes from and goes to."""
        path = self.fields["Filename"]
        target = folder / Path(path).name
        return Wanted(f"{self.base}/{path}", target, self.fields["SHA256"], int(self.fields["Size"]))


@dataclass
class Archive:
    """The newest version of every package, and who provides which name in which version ("" if it says none)."""

    packages: dict[str, Package] = field(default_factory=dict)
    providers: dict[str, list[tuple[Package, str]]] = field(default_factory=dict)

    def add(self, package: Package) -> None:
        """Takes the package in unless a newer version is known."""
        known = self.packages.get(package.name)
        if known is None or compare(known.version, package.version) < 0:
            self.packages[package.name] = package

    def note_providers(self) -> None:
        """Fills `providers`; called once, when all packages are in."""
        for package in self.packages.values():
            for text in filter(None, (part.strip() for part in package.fields.get("Provides", "").split(","))):
                name, _, version = text.partition(" ")
                self.providers.setdefault(name, []).append((package, version.strip("(= )")))

    def having(self, name: str, relation: str = "", version: str = "") -> Iterator[Package]:
        """The packages that satisfy a dependency: the one of that name first, then who provides it."""
        real = self.packages.get(name)
        if real and (not relation or satisfies(real.version, relation, version)):
            yield real
        for package, provided in self.providers.get(name, []):
            if not relation or (provided and satisfies(provided, relation, version)):
                yield package


def _signed_text(signed: bytes, url: str) -> str:
    """What the archive's key has signed, and nothing around it."""
    if not shutil.which("gpgv"):
        raise BundleError("gpgv is missing: it checks Debian's signatures", "install the package gpgv (or gnupg2)")
    if not _KEYRING.exists():
        raise BundleError(
            f"Debian's keys are missing: {_KEYRING}",
            "install the package debian-archive-keyring (Fedora: debian-keyring)",
        )
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text"
        command = ["gpgv", "--status-fd", "1", "--keyring", str(_KEYRING), "--output", str(text), "-"]
        done = subprocess.run(command, input=signed, capture_output=True, check=False)  # noqa: S603
        # Signed with several keys, of which an older keyring may know only one: one good signature is enough.
        said = {
            line.split()[1]
            for line in done.stdout.decode(errors="replace").splitlines()
            if line.startswith("[GNUPG:] ")
        }
        if "GOODSIG" not in said or "BADSIG" in said:
            raise BundleError(f"the signature of {url} is not good", "update the package debian-archive-keyring")
        return text.read_text()


def _listed(text: str, path: str) -> tuple[str, int]:
    """SHA-256 and size of a file that a Release file lists."""
    checksums = text.partition("\nSHA256:")[2]
    found = re.search(rf"^ ([0-9a-f]{{64}}) +([0-9]+) {re.escape(path)}$", checksums, re.MULTILINE)
    if not found:
        raise BundleError(f"the archive does not list {path}", "is this architecture one of Debian's?")
    return found[1], int(found[2])


def _stanzas(text: str, base: str) -> Iterator[Package]:
    for stanza in filter(None, text.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
        yield Package(fields, stanza.strip("\n"), base)


def read_archive(mirrors: Mapping[str, str], release: str, arch: str, cache: Path) -> Archive:
    """The release with its updates and security updates. Raises BundleError if a list cannot be had or trusted."""
    archive = Archive()
    for folder, suffix in _SUITES:
        base, suite = mirrors[folder], release + suffix
        url = f"{base}/dists/{suite}/InRelease"
        text = _signed_text(small(url), url)
        path = f"{_COMPONENT}/binary-{arch}/Packages.xz"
        sha256, size = _listed(text, path)
        lists = Wanted(
            f"{base}/dists/{suite}/{_by_hash(path, sha256)}", cache / f"{suite}-{arch}-Packages.xz", sha256, size
        )
        fetch(lists)
        for package in _stanzas(lzma.decompress(lists.path.read_bytes()).decode(), base):
            archive.add(package)
    archive.note_providers()
    return archive


def _by_hash(path: str, sha256: str) -> str:
    """The name under which a list stays the same while the mirror is being updated."""
    return f"{path.rpartition('/')[0]}/by-hash/SHA256/{sha256}"


def index(packages: Iterable[Package]) -> str:
    """A Packages list of the files beside it, for `deb [trusted=yes] file:/folder ./`."""
    return "".join(
        re.sub(r"^Filename: .*/", "Filename: ./", package.stanza, flags=re.MULTILINE) + "\n\n"
        for package in sorted(packages, key=lambda package: package.name)
    )
