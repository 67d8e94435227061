"""Asks other programs, with patience and without trusting that they exist, answer or end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess

#: Where programs of the system lie that a person's PATH may leave out.
_ALSO = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"


class NotTold(Exception):
    """A program said nothing; the message tells why, in one line."""


def told(*command: str, patience: float = 5.0, refused: bool = False) -> str:
    """What the program writes on its output; raises NotTold if it is not there, fails, or takes too long (s).

    `refused`: what it says is wanted even if it fails.
    """
    name = command[0]
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_ALSO}")
    if found is None:
        raise NotTold(f"{name} is not installed here")
    try:
        process = subprocess.Popen(  # noqa: S603
            [found, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "PAGER": "cat"},
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise NotTold(f"{name} cannot be run: {error.strerror}") from None
    try:
        output, complaint = (each.decode(errors="replace").strip() for each in process.communicate(timeout=patience))
    except subprocess.TimeoutExpired:
        _end(process)
        raise NotTold(f"{name} did not answer within {patience:.0f} s") from None
    if process.returncode and not refused:
        raise NotTold(f"{name}: {(complaint or output or f'ended with {process.returncode}').splitlines()[0]}")
    return output or complaint


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills it with what it started; one that hangs in the kernel is left behind."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
