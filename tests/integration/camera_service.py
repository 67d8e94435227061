"""A camera service of one test: its own folder, its own process, pictures that are drawn as they are wanted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2

from collector.config.settings import CameraService
from collector.sources.camera.client import Client
from ocr.simulator.meter_face import code_corners, corners, draw

ROOT = Path(__file__).parents[2]
DIGITS, DECIMALS = 8, 1


@dataclass
class Bench:
    """Pictures, a service, and who asks it."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _seed: int = 0

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def client(self) -> Client:
        return Client(CameraService(self.socket))

    def start(self, idle: float = 60.0) -> subprocess.Popen[bytes]:
        """The service, as soon as it listens."""
        process = subprocess.Popen(
            [sys.executable, "-m", "ocr", "serve", "--socket", self.socket, "--state", self.folder / "state",
             "--idle", str(idle)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.started.append(process)
        until = time.monotonic() + 60
        while not self._listens() and time.monotonic() < until:
            time.sleep(0.02)
        return process

    def _listens(self) -> bool:
        """Its file is there a moment earlier."""
        with socket.socket(socket.AF_UNIX) as peer:
            return peer.connect_ex(str(self.socket)) == 0

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()

    def show(self, text: str, code: str = "", age: float = 0.0) -> Path:
        """A picture of a meter that shows this."""
        self._seed += 1
        return self.put(cv2.imencode(".jpg", draw(text, code, self._seed))[1].tobytes(), age)

    def put(self, content: bytes, age: float = 0.0, suffix: str = ".jpg") -> Path:
        self.pictures.mkdir(exist_ok=True)
        path = self.pictures / f"{time.time_ns()}{suffix}"
        path.with_suffix(".new").write_bytes(content)
        at = time.time() - age - 0.3
        os.utime(path.with_suffix(".new"), (at, at))
        path.with_suffix(".new").rename(path)
        return path

    def clear(self) -> None:
        for path in self.pictures.iterdir():
            path.unlink()

    def ask(self, what: str, patience: float = 60.0, **more: Any) -> Any:
        question = {"ask": what, "meter": "house", "camera": str(self.pictures), **more}
        return self.client.ask(question, patience)

    def read(self, **more: Any) -> Any:
        return self.ask("read", seconds=more.pop("seconds", 10), **more)["registers"]

    def profile(self, code: bool = False) -> str:
        """The profile of the meter that is drawn."""
        text = f"""
[picture]
width = 960
height = 540
[display]
corners = {_pairs(corners(DIGITS, DECIMALS))}
digits = {DIGITS}
decimals = {DECIMALS}
"""
        return text + (f"[code]\ncorners = {_pairs(code_corners())}\ndigits = 3\n" if code else "")


def _pairs(flat: Sequence[float]) -> list[list[float]]:
    return [[x, y] for x, y in zip(flat[::2], flat[1::2], strict=True)]
