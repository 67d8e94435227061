"""Boots a minimal Debian under systemd-nspawn whose only neighbour in the network is this test, or nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASES = Path("/var/tmp/phaselog-base")
PACKAGES = "systemd,systemd-sysv,dbus,sudo,udev,ca-certificates"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
HOST, GUEST = "10.213.77.1", "10.213.77.2"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing_here() -> str:
    """Why no system can be booted on this machine, or nothing."""
    if os.geteuid() != 0:
        return "booting a system needs root"
    tools = [tool for tool in ("systemd-nspawn", "debootstrap", "nsenter", "ip") if not shutil.which(tool)]
    return f"not installed: {', '.join(tools)}" if tools else ""


def base(release: str) -> Path:
    """A minimal system, made once."""
    folder = BASES / release
    if not folder.exists():
        part = BASES / f"{release}.part"
        shutil.rmtree(part, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, str(part)]
        subprocess.run(command, check=True, capture_output=True)
        part.rename(folder)
    return folder


def copy_of(release: str, folder: Path) -> Path:
    """A root of its own, below `folder`."""
    root = folder / release
    subprocess.run(["cp", "-a", "--reflink=auto", str(base(release)), str(root)], check=True)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    return root


def install(root: Path, *packages: str) -> None:
    """Debian packages into a root that is not booted, from the internet."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(AUTHORITIES, root / "etc/ssl/certs/")
    command = "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "
    nspawn = ["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--console=pipe", "-D", str(root), "sh", "-c"]
    subprocess.run([*nspawn, command + " ".join(packages)], check=True, capture_output=True)
    (root / "etc/resolv.conf").unlink()
    shutil.rmtree(root / "var/lib/apt/lists")


class Isolated:
    """A booted system; what runs in it sees no network but, after `join`, this test at HOST."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    def run(self, script: str, *, limit: float = 900) -> subprocess.CompletedProcess[str]:
        """A bash script as root inside, its words and exit code."""
        enter = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]
        clean = ["env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "bash", "-c", script]
        return subprocess.run([*enter, *clean], check=False, capture_output=True, text=True, timeout=limit)

    def join(self) -> None:
        """Puts one cable between the system and this test: no route leads any further."""
        here = [
            "ip",
            "link",
            "add",
            "phaselog-test",
            "type",
            "veth",
            "peer",
            "name",
            "host0",
            "netns",
            str(self.leader),
        ]
        subprocess.run(here, check=True)
        subprocess.run(["ip", "addr", "add", f"{HOST}/30", "dev", "phaselog-test"], check=True)
        subprocess.run(["ip", "link", "set", "phaselog-test", "up"], check=True)
        inside = ["nsenter", "-t", str(self.leader), "-n"]
        subprocess.run([*inside, "ip", "addr", "add", f"{GUEST}/30", "dev", "host0"], check=True)
        subprocess.run([*inside, "ip", "link", "set", "host0", "up"], check=True)


def _wait_until_up(process: subprocess.Popen[bytes], limit: float) -> Isolated:
    until = time.monotonic() + limit
    while time.monotonic() < until:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children:
            system = Isolated(int(children[0]))
            state = system.run("systemctl is-system-running").stdout.strip()
            if state in ("running", "degraded"):
                return system
        time.sleep(0.5)
    raise AssertionError("the system did not come up")


@contextmanager
def booted(root: Path) -> Iterator[Isolated]:
    """Boots the root without any network; powers it off at the end."""
    environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1" if root.name == "trixie" else "0"}
    name = f"phaselog-{os.getpid()}-{root.name}"
    command = [
        "systemd-nspawn",
        "-q",
        "--register=no",
        "--keep-unit",
        "--private-network",
        "-M",
        name,
        "-D",
        str(root),
        "-b",
    ]
    with (root.parent / "console.txt").open("wb") as console:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            system = _wait_until_up(process, 90)
            yield system
            system.run("systemctl poweroff")
            process.wait(60)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(30)
