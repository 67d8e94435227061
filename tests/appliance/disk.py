"""A disk of its own for a machine's /var/lib, from which the power can be cut and which can be filled."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.appliance.shell import call, wait_until


@dataclass(frozen=True)
class Counters:
    """What has reached the disk since it was attached."""

    octets: float  #: written, ext4's journal included
    flushes: float  #: cache flushes, which is what wears a card


@dataclass(frozen=True)
class Disk:
    """An ext4 file system in a file, mounted at `mount`."""

    image: Path
    mount: Path

    def make(self, size_mb: int, content: Path) -> None:
        """Makes and mounts it, with a copy of what lies in `content`."""
        self.mount.mkdir(parents=True, exist_ok=True)
        call("truncate", f"--size={size_mb}M", self.image)
        call("mkfs.ext4", "-q", "-F", self.image)
        self.attach()
        call("cp", "--archive", f"{content}/.", self.mount)

    def attach(self) -> None:
        """Mounts it; its journal puts in order what a cut has left."""
        call("mount", "-o", "loop,noatime", self.image, self.mount)

    def cut(self) -> None:
        """From here on nothing reaches it any more; what was not synced is lost (ext4's goingdown, without a flush)."""
        call("xfs_io", "-x", "-c", "shutdown", self.mount)

    def detach(self) -> None:
        """Unmounts it, once the last process of the machine is gone."""
        wait_until(lambda: not os.path.ismount(self.mount) or self._let_go(), 20, f"{self.mount} is free")
        # Mounting it while anybody still holds it would give the file system that was cut off.
        wait_until(lambda: not call("losetup", "--associated", self.image), 30, f"{self.image} is let go of")

    def _let_go(self) -> bool:
        call("umount", self.mount, check=False)
        return not os.path.ismount(self.mount)

    def counters(self) -> Counters:
        """What has been written to it (Linux, Documentation/block/stat.rst)."""
        device = call("findmnt", "--noheadings", "--output=SOURCE", self.mount).strip()
        fields = Path("/sys/block", Path(device).name, "stat").read_text().split()
        return Counters(float(fields[6]) * 512, float(fields[15]))

    def fill(self) -> None:
        """Leaves not one byte free, not even what is reserved for root."""
        ballast = self.mount / "ballast"
        ballast.touch()
        while free := os.statvfs(self.mount).f_bfree:
            size = ballast.stat().st_size + free * os.statvfs(self.mount).f_frsize
            call("fallocate", "--length", str(size), ballast, check=False)
            if os.statvfs(self.mount).f_bfree >= free:
                break
        call("sync", ballast)  # it is to be there after a power cut, too

    def empty(self) -> None:
        """Frees what `fill` took."""
        (self.mount / "ballast").unlink(missing_ok=True)
