"""Plays the camera service for the page: answers on a real socket, and notes what it was asked."""

from __future__ import annotations

import base64
import json
import socket
import threading
from contextlib import suppress
from dataclasses import replace

from collector.config.settings import CameraService, LineSettings, MeterSettings

NAME = "20260101T120000.000Z"
PICTURE = b"\xff\xd8\xff\xe0 a picture"
PROPOSAL = {
    "profile": "[display]", "width": 960, "height": 540,
    "corners": [298, 188, 786, 188, 786, 304, 298, 304], "digits": 8, "decimals": 1,
    "kind": "LCD", "colour": "green", "text": "0012345.6", "confidence": 0.99, "refused": None,
    "remarks": ["no point was seen"], "drawing": base64.b64encode(b"png").decode(),
}  # fmt: skip
ANSWERS = {
    "pictures": {"pictures": [{"picture": NAME, "text": "0012345.6", "refused": "glare: <b>tilt</b>", "code": ""}]},
    "picture": {"content": base64.b64encode(PICTURE).decode()},
    "frame": {"picture": NAME},
    "propose": PROPOSAL,
    "read": {"registers": {"display": {"text": "0012345.6", "refused": None}}, "installed": "first"},
}


class Service(threading.Thread):
    """Answers like the camera service, and notes what it was asked."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.asked = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()

    def run(self):
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                with peer, peer.makefile("rb") as lines:
                    self.asked.append(json.loads(lines.readline()))
                    peer.sendall(json.dumps(ANSWERS.get(self.asked[-1]["ask"], {})).encode() + b"\n")


def hang_camera(house, folder, model="generic-camera"):
    """A house with one more meter, which a camera sees; returns who is asked."""
    service = Service(folder / "s")
    service.start()
    site = house.app.extensions["phaselog"]
    line = LineSettings("cellar", camera="/pictures", protocol="camera", service=CameraService(folder / "s"))
    meter = MeterSettings("flat", model, "cellar")
    site.settings = replace(site.settings, lines=(*site.settings.lines, line), meters=(*site.settings.meters, meter))
    return service
