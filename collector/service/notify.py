"""Tells systemd how the service is (sd_notify(3)): one datagram to $NOTIFY_SOCKET, nothing without it."""

from __future__ import annotations

import os
import socket


def notify(message: str) -> bool:
    """Sends `READY=1`, `WATCHDOG=1`, `STATUS=...` or `STOPPING=1`; False when nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    # systemd may name a socket in the abstract namespace: "@" stands for the leading NUL.
    target = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(message.encode(), target)
    except OSError:
        return False
    return True
