"""Has the backup's configuration in its place while the restore goes on, and the old one back if that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.backup.restoring import Restoring
from collector.config.load import load
from collector.config.settings import Settings
from collector.devices import catalogue
from collector.errors import PhaselogError


@contextmanager
def configured(restoring: Restoring, config: Path) -> Iterator[Settings]:
    """The settings of the backup, read from where they belong. Raises ConfigError when they do not fit this version."""
    before = config.read_bytes() if config.exists() else None
    try:
        try:
            restoring.write_configuration(config)
        except OSError as error:
            raise PhaselogError(f"{config}: {error.strerror}", "run it as root: sudo phaselog restore ...") from error
        yield load(config, catalogue.OFFERS)
    except BaseException:
        _put_back(config, before, restoring.done.kept)
        raise


def _put_back(config: Path, before: bytes | None, kept: list[str]) -> None:
    """Leaves the configuration as it was."""
    mine = [Path(name) for name in kept if name.startswith(f"{config}.before-")]
    if before is None:
        config.unlink(missing_ok=True)
    for path in mine:
        os.replace(path, config)  # noqa: PTH105
        kept.remove(str(path))
