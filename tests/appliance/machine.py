"""Boots a real Debian 12 or 13 under systemd-nspawn, with a network and a disk of its own, both to be cut off."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "appliance"
#: What a fresh Debian has that somebody can log in to; nothing of ours, not even Python.
MINIMAL = "systemd,systemd-sysv,dbus,udev,ca-certificates"
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "ip", "nft", "xfs_io", "losetup")
#: What pip and apt may need to know of the network they are used in; its values are this machine's, not the project's.
_PASSED = ("PIP_", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing_tools() -> str:
    """Why no machine can be booted here; empty if one can."""
    if os.geteuid() != 0:
        return "only root can boot a Debian under systemd-nspawn"
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(tools)}" if tools else ""


def call(*command: str | Path, check: bool = True, timeout: float = 300) -> str:
    """Runs a command on this machine and returns what it printed."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def base(release: str) -> Path:
    """A minimal system of this release, made once for a checkout."""
    folder = CACHE / release
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            call("debootstrap", "--variant=minbase", f"--include={MINIMAL}", release, folder, timeout=900)
            # So that packages can be fetched in it wherever they can be fetched here.
            for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
                if (found := Path("/") / name).exists():
                    shutil.copy(found, folder / name)
            (folder / "complete").touch()
    return folder


@dataclass
class Machine:
    """A Debian of its own. `number` makes its network's addresses: 10.213.<number>.1 is outside, .2 is the machine."""

    release: str
    number: int
    folder: Path
    online: bool = True
    disk_mb: int | None = None  #: size of a disk of its own for /var/lib, which can be cut off
    _process: subprocess.Popen[bytes] | None = None
    _undo: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def root(self) -> Path:
        """Its file system, seen from outside."""
        return self.folder / "root"

    @property
    def disk(self) -> Path:
        """Where its disk for /var/lib is mounted."""
        return self.folder / "disk"

    @property
    def outside(self) -> str:
        """The address of this side of the wire."""
        return f"10.213.{self.number}.1"

    @property
    def address(self) -> str:
        """The machine's own address."""
        return f"10.213.{self.number}.2"

    def create(self) -> None:
        """Puts its file system over the base system, makes network and disk."""
        call("pkill", "--signal=KILL", "--full", f"machine=logger{self.number} ", check=False)  # of an aborted run
        for name in ("up", "work", "root", "disk"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={base(self.release)},upperdir={self.folder / 'up'},workdir={self.folder / 'work'}"
        call("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        self._undo.callback(call, "umount", "--recursive", "--lazy", self.root, check=False)
        self._make_network()
        if self.disk_mb is not None:
            self._make_disk(self.disk_mb)

    def _make_network(self) -> None:
        space, wire, table = f"phaselog{self.number}", f"phaselog{self.number}", f"phaselog_{self.number}"
        call("ip", "netns", "delete", space, check=False)
        call("ip", "link", "delete", wire, check=False)
        call("ip", "netns", "add", space)
        self._undo.callback(call, "ip", "netns", "delete", space, check=False)
        call("ip", "link", "add", wire, "type", "veth", "peer", "name", "host0", "netns", space)
        call("ip", "address", "add", f"{self.outside}/24", "dev", wire)
        call("ip", "link", "set", wire, "up")
        for words in (f"address add {self.address}/24 dev host0", "link set host0 up", "link set lo up"):
            call("ip", "-n", space, *words.split())
        if not self.online:
            return
        call("ip", "-n", space, "route", "add", "default", "via", self.outside)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        rule = f"ip saddr {self.address} ip daddr != {self.outside} masquerade"
        call("nft", "delete", "table", "ip", table, check=False)
        call("nft", f"table ip {table} {{ chain out {{ type nat hook postrouting priority 100; {rule}; }}; }}")
        self._undo.callback(call, "nft", "delete", "table", "ip", table, check=False)

    def _make_disk(self, size_mb: int) -> None:
        image = self.folder / "disk.ext4"
        call("truncate", f"--size={size_mb}M", image)
        call("mkfs.ext4", "-q", "-F", image)
        self._mount_disk()
        self._undo.callback(call, "umount", "--lazy", self.disk, check=False)
        call("cp", "--archive", f"{self.root}/var/lib/.", self.disk)

    def _mount_disk(self) -> None:
        call("mount", "-o", "loop,noatime", self.folder / "disk.ext4", self.disk)

    def start(self) -> None:
        """Boots, and waits until systemd has started everything."""
        modern = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if self.release != "bookworm" else {}
        bind = [f"--bind={self.disk}:/var/lib"] if self.disk_mb is not None else []
        console = (self.folder / "console").open("ab")
        self._process = subprocess.Popen(
            ["systemd-nspawn", "--register=no", "--keep-unit", "--quiet", f"--directory={self.root}",
             f"--network-namespace-path=/run/netns/phaselog{self.number}", f"--machine=logger{self.number}", *bind,
             "--boot"],
            env=os.environ | modern, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
        )  # fmt: skip
        self._undo.callback(self.kill)
        self.wait_until(self._booted, 120, "the machine has booted")

    def _booted(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "console").read_text(errors="replace")[-3000:]
        return bool(self._leader()) and self.run("systemctl is-system-running", check=False).stdout.strip() in (
            "running",
            "degraded",
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

    def wait_until(self, true: Callable[[], bool], seconds: float, what: str) -> float:
        """Waits until it is true; the seconds it took."""
        began = time.monotonic()
        while not true():
            assert time.monotonic() < began + seconds, f"after {seconds} s it is not so that {what}"
            time.sleep(0.5)
        return time.monotonic() - began

    def stop(self) -> None:
        """Shuts it down in order."""
        assert self._process is not None
        self.run("systemctl poweroff", check=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(90)
        self.kill()

    def kill(self) -> None:
        """Ends every process of it at once."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, OSError):
                if leader := self._leader():
                    os.kill(int(leader), signal.SIGKILL)  # the first process of a pid namespace takes all others along
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait(30)
        self._process = None

    def power_cut(self) -> None:
        """What was not synced to the disk is gone, every process too; what /run held as well."""
        call("xfs_io", "-x", "-c", "shutdown", self.disk)
        self.kill()
        call("umount", self.disk)
        self._mount_disk()

    def copy_project(self, into: str) -> None:
        """The checkout as git would clone it, with what is not committed yet."""
        listed = call("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
        for name in listed:
            if (source := ROOT / name).is_file():
                target = self.root / into.lstrip("/") / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def write(self, path: str, text: str) -> None:
        """Writes a file in it."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def remove(self) -> None:
        """Everything of it goes."""
        self._undo.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def a_machine(
    release: str, number: int, folder: Path, *, online: bool = True, disk_mb: int | None = None
) -> Iterator[Machine]:
    """A booted machine that leaves nothing behind."""
    machine = Machine(release, number, folder, online, disk_mb)
    try:
        machine.create()
        machine.start()
        yield machine
    finally:
        machine.remove()
