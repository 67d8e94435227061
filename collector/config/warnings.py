"""Tells what works but should be mended before it bites: ports that change their name, passwords for all to read."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings, StoreSettings

#: Names that the kernel gives in the order of plugging in.
_UNSTABLE = re.compile(r"/dev/tty(USB|ACM)\d+")


def warnings(store: StoreSettings, lines: Sequence[LineSettings], meters: Sequence[MeterSettings]) -> Iterator[str]:
    """One sentence each, for a configuration that is otherwise right."""
    for line in lines:
        if line.port and _UNSTABLE.fullmatch(line.port):
            yield _unstable(line.name, line.port)
        if not any(meter.line == line.name for meter in meters):
            yield f'line "{line.name}": no meter hangs on it'
    if store.password_file:
        yield from _password(store.password_file)


def _unstable(line: str, port: str) -> str:
    stable = stable_name(port)
    advice = f'write port = "{stable}"' if stable else "`phaselog ports` lists the names that stay"
    return f'line "{line}": {port} may be another adapter after the next boot; {advice}'


def stable_name(port: str, folder: Path = Path("/dev/serial")) -> str | None:
    """The name of this port that udev keeps (by the adapter's own serial number, else by its USB socket)."""
    for kind in ("by-id", "by-path"):
        for link in sorted((folder / kind).glob("*")):
            if link.resolve() == Path(port).resolve():
                return str(link)
    return None


def _password(path: Path) -> Iterator[str]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield f"store.password_file: {path} cannot be read ({error.strerror})"
        return
    if mode & stat.S_IROTH:
        yield f"store.password_file: everybody on this machine can read {path}; chmod 640 {path}"
