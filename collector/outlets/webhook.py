"""Sends messages to a web address: a POST as the configuration writes it; ntfy, Telegram and the like accept that."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from pathlib import Path

from collector.errors import OutletError

TIMEOUT = 20.0
#: Nobody needs to read more of an answer.
MOST_ANSWER = 2000
_PLACE = re.compile(r"\{(headline|text|id)\}")


@dataclass(frozen=True, slots=True)
class Hook:
    """One address. `url` or `url_file` (an address that holds a secret); `body`: text with {headline}, {text}, {id}.

    With a JSON content type the three are written as JSON strings, so that no meter's name can break out of them.
    """

    name: str
    url: str | None
    url_file: Path | None
    body: str
    headers: Mapping[str, str]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that sends us elsewhere is not the configured one."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follows nothing."""


class Webhook:
    """A channel that posts."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._opener = urllib.request.build_opener(_NoRedirect)

    def send(self, message_id: str, headline: str, text: str) -> None:
        """Posts the message; raises OutletError unless the answer says that it was taken (2xx)."""
        hook = self._hook
        try:
            request = self._request(message_id, headline, text)
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read(MOST_ANSWER)
        except urllib.error.HTTPError as error:
            raise OutletError(f"webhook {hook.name}: answered {error.code}", "look at its url and body") from None
        except (OSError, ValueError) as error:
            # Not the address: it may hold a secret.
            reason = getattr(error, "reason", None) or type(error).__name__
            raise OutletError(f"webhook {hook.name}: {reason}", "is the address right and reachable?") from None

    def _request(self, message_id: str, headline: str, text: str) -> urllib.request.Request:
        hook = self._hook
        url = hook.url or (hook.url_file.read_text(encoding="utf-8").strip() if hook.url_file else "")
        if not url.startswith(("http://", "https://")):
            raise ValueError("its address is neither http:// nor https://")
        headers = {"Content-Type": "text/plain; charset=utf-8", **hook.headers}
        values = {"headline": headline, "text": text, "id": message_id}
        if "json" in headers["Content-Type"]:
            values = {key: json.dumps(value) for key, value in values.items()}
        body = _PLACE.sub(lambda found: values[found[1]], hook.body)
        sent = {name: _header(value, headline) for name, value in headers.items()}
        sent["Idempotency-Key"] = message_id
        return urllib.request.Request(url, body.encode(), sent, method="POST")  # noqa: S310 - checked above


def _header(value: str, headline: str) -> str:
    """A header may hold the headline (ntfy's Title); RFC 2047 carries what is not ASCII."""
    filled = value.replace("{headline}", headline)
    return filled if filled.isascii() else Header(filled, "utf-8").encode(linesep="")
