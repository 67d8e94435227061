"""Looks at what runs: the collector by the status it writes, the page by asking it."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from collector.config.places import APPLIANCE_CONFIG
from collector.config.settings import Settings
from collector.model.finding import Finding, attention, fine
from collector.model.status import STATUS_FILE, CollectorStatus

#: The collector writes its status every second; older than this (s), it does not run.
FRESH = 15.0


def status(runtime: Path) -> CollectorStatus | None:
    """What the running collector says of itself; None when none runs. Raises PermissionError for a stranger."""
    path = runtime / STATUS_FILE
    try:
        # The file's own time: it does not depend on whether the collector knows the time of day.
        if time.time() - path.stat().st_mtime > FRESH:
            return None
        return CollectorStatus.from_json(path.read_text(encoding="utf-8"))
    except PermissionError:
        raise
    except (OSError, ValueError, KeyError, TypeError):
        return None


def page(settings: Settings) -> Iterator[Finding]:
    """Asks the page how it is; what it finds wrong is in the other lines, too."""
    where = _address(settings)
    # The certificate names the machine as visitors call it, not the loopback.
    unverified = ssl._create_unverified_context()  # noqa: S323
    try:
        with urllib.request.urlopen(f"{where}/healthz", timeout=10, context=unverified) as answer:  # noqa: S310
            json.load(answer)
        yield fine("page", f"answers at {where}")
    except urllib.error.HTTPError as error:
        if error.code in (401, 503):  # 401: looking, too, needs a login here
            yield fine("page", f"answers at {where}")
        else:
            yield attention("page", f"{where} answers HTTP {error.code}", "journalctl -u phaselog-status")
    except (OSError, ValueError) as error:
        yield attention("page", f"does not answer at {where} ({_reason(error)})", _start(settings))


def _address(settings: Settings) -> str:
    """The appliance's page hangs on a socket of systemd, whatever [page] says."""
    if settings.path == APPLIANCE_CONFIG:
        return "https://127.0.0.1" if settings.appliance.https else "http://127.0.0.1"
    host = "127.0.0.1" if settings.page.host in ("0.0.0.0", "::") else settings.page.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.page.port}"


def _start(settings: Settings) -> str:
    if settings.path == APPLIANCE_CONFIG:
        return "sudo systemctl restart phaselog-status.socket; journalctl -u phaselog-status"
    return f"phaselog page {settings.path}"


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return getattr(inner, "strerror", None) or str(inner)
