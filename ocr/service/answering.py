"""Does what is asked: reads a display, helps to set one up, keeps and shows its pictures."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocr.capture.camera import Camera
from ocr.errors import RequestError
from ocr.service.display import Display, proposed, small
from ocr.service.folder import MeterFolder
from ocr.service.request import Request
from ocr.service.watching import Watched, watch

#: Largest picture that is handed out, bytes.
_MOST_SHOWN = 8_000_000


class Answering:
    """Everything that may be asked; `state`: where profiles and pictures are kept."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._ways: Mapping[str, Callable[[Request, MeterFolder], Mapping[str, Any]]] = {
            "read": self._read,
            "frame": self._frame,
            "propose": self._propose,
            "keep": self._keep,
            "swap": lambda _, folder: {"installed": folder.swap()},
            "pictures": lambda _, folder: {"pictures": folder.album.listed()},
            "picture": self._picture,
            "label": lambda asked, folder: self._note(asked, folder, {"label": asked.text}),
            "note": lambda asked, folder: self._note(asked, folder, {"implausible": asked.text}),
        }

    def answer(self, request: Request) -> Mapping[str, Any]:
        """The answer; raises OcrError."""
        return self._ways[request.ask](request, MeterFolder(self._state, request.meter))

    def _read(self, request: Request, folder: MeterFolder) -> Mapping[str, Any]:
        began = time.monotonic()
        display = Display.of(request.profile, folder.profile)
        watched = watch(request, _camera_of(request), display.look)
        registers = {code: _register(code, one, folder) for code, one in watched.items()}
        took = round(1000 * (time.monotonic() - began))
        return {"registers": registers, "installed": folder.installed(), "ms": took}

    def _frame(self, request: Request, folder: MeterFolder) -> Mapping[str, Any]:
        from ocr.capture import take  # noqa: PLC0415

        shot = take(_camera_of(request), 1, request.seconds)[-1]
        name = folder.album.add(shot.content, shot.taken, {"text": None, "refused": "taken to set the camera up"})
        if name is None:
            raise RequestError("the picture cannot be kept", "is the disk full or read-only?")
        return {"picture": name}

    def _propose(self, request: Request, folder: MeterFolder) -> Mapping[str, Any]:
        content = _content(request, folder)
        return proposed(content, request)

    def _keep(self, request: Request, folder: MeterFolder) -> Mapping[str, Any]:
        if request.profile is None:
            raise RequestError("no profile is given")
        folder.write(folder.profile, Display.of(request.profile, folder.profile).text)
        return {"profile": str(folder.profile)}

    def _picture(self, request: Request, folder: MeterFolder) -> Mapping[str, Any]:
        return {"content": base64.b64encode(_content(request, folder)).decode()}

    def _note(self, request: Request, folder: MeterFolder, more: Mapping[str, Any]) -> Mapping[str, Any]:
        if not folder.album.note(request.picture, more):
            raise RequestError(f"there is no picture {request.picture}", "it may be older than it is kept")
        return {"picture": request.picture}


def _camera_of(request: Request) -> Camera:
    if request.camera is None:
        raise RequestError("no camera is named")
    return request.camera


def _content(request: Request, folder: MeterFolder) -> bytes:
    content = folder.album.content(request.picture) if request.picture else None
    if content is None or len(content) > _MOST_SHOWN:
        raise RequestError(f"there is no picture {request.picture}", "it may be older than it is kept")
    return content


def _register(code: str, one: Watched, folder: MeterFolder) -> dict[str, Any]:
    seen = one.seen
    told = {"code": code, "text": seen.text, "confidence": round(seen.confidence, 4), "refused": seen.refused}
    picture = folder.album.add(small(one.shot.content), one.shot.taken, told)
    age = max(0.0, round(time.time() - one.shot.taken, 3))
    return {**told, "picture": picture, "frames": one.frames, "age": age}
