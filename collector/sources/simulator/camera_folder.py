"""Fills a folder with pictures of a made-up meter, as a camera would: a process of its own draws them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from collector.devices.map import Model
from collector.errors import UsageError
from collector.sources.camera.source import ONLY

#: s between two pictures.
_EVERY = "5"
_PATIENCE = 5.0


class CameraFolder:
    """Pictures of a meter of this model, until it is closed."""

    def __init__(self, model: Model, folder: Path) -> None:
        if importlib.util.find_spec("cv2") is None:
            raise UsageError("what draws the pictures is not installed here", 'pip install "phaselog[ocr]"')
        codes = [code.code for code in model.codes if code.code != ONLY]
        more = ["--codes", *codes] if codes else []
        self._drawing = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "ocr", "simulate", str(folder.absolute()), "--every", _EVERY, *more],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            start_new_session=True,
        )

    def close(self) -> None:
        """Draws no more."""
        self._drawing.terminate()
        try:
            self._drawing.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._drawing.kill()
            self._drawing.wait()
