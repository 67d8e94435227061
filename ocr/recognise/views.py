"""One display in several views: as it is, straightened by what a first look found, contrast evened, best colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
HEIGHT: Final = 32
STEP: Final = 4
PITCH: Final = 27.0  # pixels from digit to digit in a straightened view
TALL: Final = 26.0  # a digit's height in a straightened view
WIDTHS: Final = (64, 352)
ROWS: Final = 96
BESIDE: Final = 1.6  # pitches beside the digits that show whether another one stands there


def grey(strip: Picture) -> Picture:
    """The strip's luminance."""
    return np.asarray(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), np.uint8)


def stroke_colour(strip: Picture) -> Picture:
    """The mixture of the colours in which strokes stand out most from the grain: a red LED, an orange or blue light.

    The generalised eigenvector of the covariance of strokes (fine detail less its surroundings) over that of grain.
    """
    pixels = strip.astype(np.float32)
    side = max(3, strip.shape[0] // 3) | 1
    smooth = cv2.blur(pixels, (3, 3))
    strokes = (smooth - cv2.blur(pixels, (side, side))).reshape(-1, 3)
    grain = (pixels - smooth).reshape(-1, 3)
    over = np.linalg.solve(grain.T @ grain / len(grain) + np.eye(3) * 4, strokes.T @ strokes / len(strokes))
    values, vectors = np.linalg.eig(over)
    mixture = np.real(vectors[:, int(np.argmax(np.real(values)))])
    mixed = pixels @ (mixture * (1 if mixture.sum() >= 0 else -1)).astype(np.float32)
    low, high = np.percentile(mixed, (0.5, 99.5))
    return np.asarray(np.clip((mixed - low) * (255 / max(float(high - low), 1e-3)), 0, 255), np.uint8)


def even(channel: Picture) -> Picture:
    """Contrast evened out over the strip."""
    return np.asarray(cv2.createCLAHE(3.0, (2, 6)).apply(channel), np.uint8)


def first_width(shape: tuple[int, ...], digits: int | None) -> int:
    """The width at which a first look is taken: about 24 pixels a digit where their number is known."""
    natural = digits * 24 + 24 if digits else round(HEIGHT * min(8.0, shape[1] / shape[0]))
    return round(min(max(natural, WIDTHS[0]), WIDTHS[1]) / 16) * 16


def normalised(view: Picture) -> NDArray[np.float32]:
    """A view as the network wants it: mean 0, deviation 1."""
    pixels = view.astype(np.float32)
    return np.asarray(np.clip((pixels - pixels.mean()) / (pixels.std() + 2.0), -3, 3), np.float32)


def bounded(strip: Picture) -> Picture:
    """The strip with no more rows than help."""
    if strip.shape[0] <= ROWS:
        return strip
    size = (max(4, round(strip.shape[1] * ROWS / strip.shape[0])), ROWS)
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrink(channel: Picture, width: int) -> Picture:
    """A channel at the network's height."""
    way = cv2.INTER_AREA if channel.shape[0] > HEIGHT else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(channel, (width, HEIGHT), interpolation=way), np.uint8)


@dataclass(frozen=True)
class Band:
    """Where a first look saw the digits, in pixels of a view of 32 rows."""

    left: float
    right: float
    pitch: float
    top: tuple[float, float]  # at the left and at the right end
    bottom: tuple[float, float]
    lean: float

    def wider(self, width: int) -> Band:
        """The band with what stands beside the digits, as far as a view of this width reaches."""
        left = max(0.0, self.left - BESIDE * self.pitch)
        right = min(float(width), self.right + BESIDE * self.pitch)
        ends = (left, right)
        return replace(
            self, left=left, right=right, top=self._along(self.top, ends), bottom=self._along(self.bottom, ends)
        )

    def _along(self, edge: tuple[float, float], ends: tuple[float, float]) -> tuple[float, float]:
        slope = (edge[1] - edge[0]) / max(self.right - self.left, 1.0)
        return edge[0] + slope * (ends[0] - self.left), edge[0] + slope * (ends[1] - self.left)

    def view(self, channel: Picture, width: int) -> Picture:
        """The digits upright at the size that the network reads best."""
        span = self.right - self.left
        scale = PITCH / self.pitch
        out = int(np.clip(round((span * scale + 1.3 * PITCH) / 16), 4, 26)) * 16
        scale = (out - 1.3 * PITCH) / max(span, 1.0)
        margin = 0.65 * PITCH
        over = (HEIGHT - TALL) / 2
        half = self.lean * (self.bottom[0] - self.top[0]) / 2
        seen = [
            [self.left + half, self.top[0]],
            [self.right + half, self.top[1]],
            [self.right - half, self.bottom[1]],
            [self.left - half, self.bottom[0]],
        ]
        wanted = [
            [margin, over],
            [margin + span * scale, over],
            [margin + span * scale, HEIGHT - over],
            [margin, HEIGHT - over],
        ]
        to_source = np.diag([channel.shape[1] / width, channel.shape[0] / HEIGHT, 1.0])
        back = cv2.getPerspectiveTransform(np.array(wanted, np.float32), np.array(seen, np.float32))
        rise = abs(self.bottom[0] - self.top[0]) * channel.shape[0] / HEIGHT / TALL
        if rise > 1.5:  # many pixels become one: blur before they are picked
            channel = np.asarray(cv2.GaussianBlur(channel, (0, 0), 0.4 * rise), np.uint8)
        mapped = cv2.warpPerspective(
            channel,
            to_source @ back,
            (out, HEIGHT),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(mapped, np.uint8)
