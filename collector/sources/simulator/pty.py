"""Makes a pseudo-terminal that stands for a serial port, under a name of one's choice."""

from __future__ import annotations

import os
import tty
from pathlib import Path

from collector.errors import UsageError


class Pty:
    """A pseudo-terminal. `fd`: our end. `path`: the end that others open, or the link that leads there."""

    def __init__(self, link: Path | None) -> None:
        """`link`: where to put a symbolic link to it; a link that is there is replaced. Raises UsageError."""
        self.fd, self._other = os.openpty()
        # Kept open: without it our end reports an error whenever nobody else has it open.
        tty.setraw(self._other)
        os.set_blocking(self.fd, False)
        self._device = Path(os.ttyname(self._other))
        self._link = link
        self.path = link or self._device
        if link is not None:
            self._put(link)

    def _put(self, link: Path) -> None:
        try:
            if link.is_symlink():
                link.unlink()
            link.symlink_to(self._device)
        except OSError as error:
            self._link = None
            self.close()
            raise UsageError(
                f"{link}: cannot be made ({error.strerror})", "choose a name in a folder of yours"
            ) from error

    def close(self) -> None:
        """Hangs up and takes the link away."""
        if self._link is not None and self._link.is_symlink() and self._link.readlink() == self._device:
            self._link.unlink()
        os.close(self.fd)
        os.close(self._other)
