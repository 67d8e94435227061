"""Boots a real Debian 12 or 13 under systemd-nspawn, with a network and a disk of its own, both to be cut off."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.appliance.disk import Disk
from tests.appliance.shell import call, wait_until
from tests.appliance.slot import a_slot, end
from tests.appliance.wire import Wire

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "appliance"
#: What a fresh Debian has that somebody can log in to; nothing of ours, not even Python.
MINIMAL = "systemd,systemd-sysv,dbus,udev,ca-certificates"
#: What pip and apt may need to know of the network they are used in; its values are this machine's, not the project's.
_PASSED = ("PIP_", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: So that packages can be fetched in it wherever they can be fetched here.
_LENT = ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt")


def base(release: str) -> Path:
    """A minimal system of this release, made once for a checkout."""
    folder, part = CACHE / release, CACHE / f"{release}.part"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(part, ignore_errors=True)
            call("debootstrap", "--variant=minbase", f"--include={MINIMAL}", release, part, timeout=900)
            part.rename(folder)
    return folder


@dataclass
class Machine:
    """A Debian of its own, in `folder`."""

    release: str
    folder: Path
    wire: Wire
    memory_mb: int | None = None  #: what it believes to have; None: as much as this machine
    disk: Disk | None = field(default=None, init=False)  #: holds its /var/lib, if that is to be cut off or filled
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def root(self) -> Path:
        """Its file system, seen from outside."""
        return self.folder / "root"

    @property
    def address(self) -> str:
        """Where it is reached from outside."""
        return self.wire.address

    def create(self, *, online: bool, disk_mb: int | None) -> None:
        """Lays its file system over the base system, makes network and disk."""
        for name in ("up", "work", "root"):
            (self.folder / name).mkdir()
        layers = f"lowerdir={base(self.release)},upperdir={self.folder / 'up'},workdir={self.folder / 'work'}"
        call("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        for name in _LENT:
            if (Path("/") / name).exists():
                shutil.copy(Path("/") / name, self.root / name)
        (self.root / "etc/hostname").write_text("logger\n")
        self.wire.lay(online=online)
        if disk_mb is not None:
            self.disk = Disk(self.folder / "disk.ext4", self.folder / "disk")
            self.disk.make(disk_mb, self.root / "var/lib")

    def start(self, *, settled: bool = True) -> None:
        """Boots, and waits until systemd has started everything; without `settled`, until it can be asked something."""
        # systemd 257 wants one hierarchy of control groups, systemd 252 takes what the host has.
        modern = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if self.release != "bookworm" else {}
        disk = [f"--bind={self.disk.mount}:/var/lib"] if self.disk else []
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                ["systemd-nspawn", "--capability=CAP_NET_ADMIN", "--register=no", "--keep-unit", "--quiet",
                 f"--directory={self.root}",
                 f"--network-namespace-path=/run/netns/{self.wire.space}", f"--machine={self.wire.space}", *disk,
                 "--boot"],
                env=os.environ | modern, stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                start_new_session=True,
            )  # fmt: skip
        done = {"running", "degraded"} | (set() if settled else {"starting"})
        self.wait_until(lambda: self._state() in done, 180, "the machine has booted")
        if self.memory_mb is not None:
            self._show_memory(self.memory_mb)

    def _state(self) -> str:
        """What systemd says of itself; nothing as long as it cannot be asked."""
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "console").read_text(errors="replace")[-3000:]
        return self.run("systemctl is-system-running", check=False).stdout.strip() if self._leader() else ""

    def _show_memory(self, megabytes: int) -> None:
        """Lets programs in it see a board with less memory; nothing keeps them from using more."""
        self.run(
            f"sed 's/^MemTotal:.*/MemTotal: {megabytes * 1024} kB/;"
            f" s/^MemAvailable:.*/MemAvailable: {megabytes * 512} kB/' /proc/meminfo > /run/meminfo"
            " && mount --bind /run/meminfo /proc/meminfo"
        )

    def _leader(self) -> str:
        """Process number, outside, of the machine's first process."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return children[0] if children else ""

    def run(
        self, command: str, *, check: bool = True, user: str | None = None, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Runs a line of bash in the machine, as root or as this user."""
        given = [f"{key}={value}" for key, value in os.environ.items() if key.startswith(_PASSED)]
        become = ["runuser", f"--user={user}", "--"] if user else []
        done = subprocess.run(
            ["nsenter", f"--target={self._leader()}", "--mount", "--uts", "--ipc", "--pid", "--net", "--root", "--wd",
             "--", "env", "--ignore-environment", f"PATH={_PATH}", "HOME=/root", "TERM=dumb", *given, *become,
             "bash", "-c", command],
            capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{command!r} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def sql(self, query: str) -> str:
        """The answer of its MariaDB to root."""
        return self.run(f"mariadb --skip-column-names --batch <<'SQL'\n{query}\nSQL").stdout.strip()

    def journal(self, *units: str) -> str:
        """What these units, or all, have logged since it booted."""
        return self.run("journalctl --boot --no-pager " + " ".join(f"--unit={unit}" for unit in units)).stdout

    def wait_until(self, true: Callable[[], object], seconds: float, what: str) -> float:
        """Waits until it is true and returns the seconds it took."""
        return wait_until(true, seconds, f"{what} ({self.release})")

    def stop(self) -> None:
        """Shuts it down in order."""
        assert self._process is not None
        self.run("systemctl poweroff", check=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(90)
        self.kill()

    def kill(self) -> None:
        """Ends every process of it at once; what /run held is gone."""
        end(self.wire.space)
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
        self._process = None

    def power_cut(self) -> None:
        """Pulls the plug: what was not synced to the disk is gone, and so is every process."""
        assert self.disk is not None
        self.disk.cut()
        self.kill()
        self.disk.detach()
        self.disk.attach()

    def copy_project(self, into: str) -> None:
        """The checkout as git would clone it, with what is not committed yet."""
        listed = call("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
        for name in listed:
            if (source := ROOT / name).is_file():
                target = self.root / into.lstrip("/") / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def write(self, path: str, text: str) -> None:
        """Writes a file in it; not below /var/lib, /run or /tmp, which are mounted."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def a_machine(
    release: str, *, online: bool = True, disk_mb: int | None = None, memory_mb: int | None = None
) -> Iterator[Machine]:
    """A booted machine that leaves nothing behind, whatever happens to it."""
    with a_slot() as (number, folder):
        machine = Machine(release, folder, Wire(number), memory_mb)
        try:
            machine.create(online=online, disk_mb=disk_mb)
            machine.start()
            yield machine
        finally:
            machine.kill()
