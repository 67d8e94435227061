"""Watches a display until every wanted register was seen often enough, or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ocr.capture import CaptureError, Shot, take
from ocr.capture.camera import Camera
from ocr.service.request import Request
from ocr.service.voting import Seen, vote

#: A display that shows one register is seen under this name.
ONLY = "display"
#: Picture -> what it says.
Look = Callable[[bytes], Seen]
Take = Callable[[Camera, int, float], list[Shot]]


@dataclass(frozen=True, slots=True)
class Watched:
    """What one register said, and the picture to show for it."""

    seen: Seen
    shot: Shot
    frames: int


def watch(request: Request, camera: Camera, look: Look, taking: Take = take) -> dict[str, Watched]:
    """What each register says; raises CaptureError when there is no picture at all."""
    found: dict[str, list[tuple[Seen, Shot]]] = {}
    until = time.monotonic() + request.seconds
    wanted = request.codes or (ONLY,)
    count = 1 if request.codes else request.frames
    while (left := until - time.monotonic()) > 0:
        try:
            shots = taking(camera, count, left)
        except CaptureError:
            if found:
                break  # the time ran out, or the camera went away: what was seen counts
            raise
        for shot in shots:
            seen = look(shot.content)
            code = (seen.code or "") if request.codes else ONLY
            found.setdefault(code, []).append((seen, shot))
        if not request.codes or all(_often(found.get(code, []), request.frames) for code in wanted):
            break
    return {code: _together(looked) for code, looked in found.items()}


def _often(looked: list[tuple[Seen, Shot]], frames: int) -> bool:
    return sum(seen.believed for seen, _ in looked) >= frames


def _together(looked: list[tuple[Seen, Shot]]) -> Watched:
    voted = vote([seen for seen, _ in looked])
    telling = next((shot for seen, shot in looked if seen.text == voted.text and seen.refused == voted.refused), None)
    return Watched(voted, telling or looked[0][1], len(looked))
