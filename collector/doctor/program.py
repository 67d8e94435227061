"""Asks other programs, with patience and without trusting that they exist, answer or end."""

from __future__ import annotations

import os
import shutil
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
        done = subprocess.run(  # noqa: S603
            [found, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False,
            env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "PAGER": "cat"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotTold(f"{name} did not answer within {patience:.0f} s") from None
    except OSError as error:
        raise NotTold(f"{name} cannot be run: {error.strerror}") from None
    output, complaint = (text.decode(errors="replace").strip() for text in (done.stdout, done.stderr))
    if done.returncode and not refused:
        raise NotTold(f"{name}: {(complaint or output or f'ended with {done.returncode}').splitlines()[0]}")
    return output or complaint
