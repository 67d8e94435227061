"""Tells what works but should be mended before it bites: ports that change their name, passwords for all to read."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.config.port_names import by_order_of_plugging, of_a_usb_adapter, stable_name
from collector.config.settings import USB, LineSettings, MeterSettings, StoreSettings


def warnings(store: StoreSettings, lines: Sequence[LineSettings], meters: Sequence[MeterSettings]) -> Iterator[str]:
    """One sentence each, for a configuration that is otherwise right."""
    for line in lines:
        if line.port and line.port.startswith("/dev/") and by_order_of_plugging(line.port):
            yield _unstable(line.name, line.port)
        if not any(meter.line == line.name for meter in meters):
            yield f'line "{line.name}": no meter hangs on it'
    yield from _no_longer_only(lines)
    if store.password_file:
        yield from _password(store.password_file)


def _unstable(line: str, port: str) -> str:
    stable = stable_name(port)
    advice = f'write port = "{stable}"' if stable else "`phaselog ports` lists the names that stay"
    return f'line "{line}": {port} may be another adapter after the next boot; {advice}'


def _no_longer_only(lines: Sequence[LineSettings]) -> Iterator[str]:
    others = [line.name for line in lines if line.port and of_a_usb_adapter(line.port)]
    for line in lines:
        if line.port == USB and others:
            yield (
                f'line "{line.name}": "usb" means the only adapter, but line "{others[0]}" names another; '
                "give each line the name of its own (`phaselog ports`)"
            )


def _password(path: Path) -> Iterator[str]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield f"store.password_file: {path} cannot be read ({error.strerror})"
        return
    if mode & stat.S_IROTH:
        yield f"store.password_file: everybody on this machine can read {path}; chmod 640 {path}"
