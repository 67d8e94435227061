"""Brings a picture to the size and the planes that the network takes."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PLANES = 6
STEP = 32  # the network halves five times
AROUND = 31  # pixels; what counts as near for the local contrast

Image = NDArray[Any]


def network_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The nearest size that the network can halve; a thin strip grows taller rather than vanish."""
    scale = long_side / max(width, height)
    return max(2 * STEP, round(width * scale / STEP) * STEP), max(2 * STEP, round(height * scale / STEP) * STEP)


def planes(picture: Image) -> NDArray[np.float32]:
    """Three planes of the colours as they are, three of local contrast: a weak display in a white case is seen."""
    mean, spread = cv2.meanStdDev(picture.reshape(-1, 1))
    colour = picture.astype(np.float32)
    ready = np.empty((PLANES, *picture.shape[:2]), np.float32)
    near = cv2.blur(colour, (AROUND, AROUND))
    around = cv2.sqrt(np.maximum(cv2.blur(np.square(colour - near), (AROUND, AROUND)), 0))
    ready[:3] = ((colour - np.float32(mean[0, 0])) / np.float32(spread[0, 0] + 16)).transpose(2, 0, 1)
    ready[3:] = ((colour - near) / (around + 4)).transpose(2, 0, 1)
    return ready
