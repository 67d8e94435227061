"""Sends messages by mail: SMTP submission (RFC 6409) over TLS, verified, with a Message-ID that a repetition keeps."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from collector.errors import OutletError

#: A server that does not speak within this time (s) is not there.
TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mail. `tls`: "starttls", "tls" or "none" (on this machine). Without `user` no login."""

    host: str
    port: int
    tls: str
    user: str | None
    password_file: Path | None
    sender: str
    to: Sequence[str]
    ca_file: Path | None = None


class Mail:
    """A channel that sends mail."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, message_id: str, headline: str, text: str) -> None:
        """Hands the message over; raises OutletError if the server did not take it for everybody."""
        mail = EmailMessage()
        domain = self._server.sender.rpartition("@")[2]
        mail["From"], mail["To"], mail["Subject"] = self._server.sender, ", ".join(self._server.to), headline
        mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), f"<{message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday robots do not answer
        mail.set_content(text)
        where = f"{self._server.host}:{self._server.port}"
        try:
            self._hand_over(mail)
        except smtplib.SMTPAuthenticationError:
            raise OutletError(
                f"mail: {where} does not accept the password", "look at mail.user, password_file"
            ) from None
        except smtplib.SMTPException as error:
            raise OutletError(f"mail: {where}: {error}", "look at [mail]: the server did not take it") from None
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise OutletError(
                f"mail: {where}: {error}", "is the server reachable, and its certificate right?"
            ) from None

    def _hand_over(self, mail: EmailMessage) -> None:
        server = self._server
        context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
        if server.tls == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        with session:
            if server.tls == "starttls":
                session.starttls(context=context)
            if server.user and server.password_file:
                session.login(server.user, server.password_file.read_text(encoding="utf-8").strip())
            refused = session.send_message(mail)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)
