"""Finds a profile's display again in a later frame by what surrounds it, for cameras and meters that moved a little.

A coarse search over +-10 % (normalised correlation of edges) gives the start, ECC (Evangelidis and Psarakis 2008) the
rest; the digits themselves are masked, because they change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import corners as shape
from ocr.corners import Corners
from ocr.picture import Picture, Pixels
from ocr.profile import Profile, Surroundings

Edges: TypeAlias = NDArray[np.float32]

LONG_SIDE = 240
#: How far around the display is looked, in heights of the display.
REACH = 1.5
SEARCH = 0.10
#: Less of it than this is nothing to hold on to (a picture that is nothing but the display).
LEAST_AROUND = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Where the display is in this frame, and how well what surrounds it fits: 1 is the same picture."""

    corners: Corners
    correlation: float


def remember(picture: Picture, corners: Corners) -> Surroundings | None:
    """What surrounds the display, or nothing where the picture ends at the display."""
    _, high = shape.sides(corners)
    low = np.maximum(corners.min(axis=0) - REACH * high, 0)
    top = np.minimum(corners.max(axis=0) + REACH * high, (picture.width, picture.height))
    pixel = max(1.0, float((top - low).max()) / LONG_SIDE)
    left, upper, right, lower = (round(float(value) * picture.scale) for value in (*low, *top))
    region = cv2.cvtColor(picture.pixels[upper:lower, left:right], cv2.COLOR_BGR2GRAY)
    size = (
        max(8, round(region.shape[1] / pixel / picture.scale)),
        max(8, round(region.shape[0] / pixel / picture.scale)),
    )
    grey = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.uint8)
    around = Surroundings(left / picture.scale, upper / picture.scale, pixel, grey)
    seen = _mask(around, corners)
    structure = float(_edges(grey)[seen > 0].std()) if seen.any() else 0.0
    return around if (seen > 0).mean() >= LEAST_AROUND and structure > 0 else None


def align(picture: Picture, profile: Profile) -> Alignment | None:
    """Where the profile's display is in this picture; nothing where the picture has another shape."""
    ratio = picture.width / profile.width
    if abs(picture.height / profile.height / ratio - 1) > 0.02:
        return None
    around = profile.surroundings
    if around is None:
        return Alignment(profile.corners * np.float32(ratio), 1.0)
    mask = _mask(around, profile.corners)
    frame, origin = _window(picture, around, ratio)
    reference, seen = _edges(around.grey), _edges(frame)
    turn = _refine(reference, seen, mask, _search(reference, seen, mask))
    correlation = _correlation(reference, seen, mask, turn)
    inside = (profile.corners - (around.left, around.top)) / around.pixel
    moved = cv2.transform(inside.reshape(1, 4, 2).astype(np.float32), turn).reshape(4, 2)
    corners = (moved * around.pixel + origin) * ratio
    return Alignment(np.asarray(corners, np.float32), correlation)


def _window(picture: Picture, around: Surroundings, ratio: float) -> tuple[Pixels, NDArray[np.float64]]:
    """The part of the frame that is searched, at the scale of the profile, and where it begins in profile pixels."""
    span = np.array(around.grey.shape[::-1]) * around.pixel
    slack = SEARCH * span.max()
    low = np.array([around.left, around.top]) - slack
    shift = np.array(
        [[1 / around.pixel / ratio / picture.scale, 0, 0], [0, 1 / around.pixel / ratio / picture.scale, 0]]
    )
    grey = cv2.cvtColor(picture.pixels, cv2.COLOR_BGR2GRAY)
    factor = float(shift[0, 0])
    if factor < 0.6:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        shift = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    shift[:, 2] = -low / around.pixel
    width, height = (round(float(side)) for side in (span + 2 * slack) / around.pixel)
    window = cv2.warpAffine(grey, shift, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(window, np.uint8), low


def _mask(around: Surroundings, corners: Corners) -> Pixels:
    """Ones where what is seen does not change with the number."""
    mask = np.ones(around.grey.shape, np.uint8)
    inside = (corners - (around.left, around.top)) / around.pixel
    cv2.fillConvexPoly(mask, np.rint(inside).astype(np.int32), 0)
    return np.asarray(cv2.erode(mask, np.ones((5, 5), np.uint8)), np.uint8)


def _edges(grey: Pixels) -> Edges:
    """How steep the picture is, its logarithm, so that a lamp that is switched on changes little."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32)
    along = cv2.Sobel(soft, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return np.asarray(np.log1p(cv2.magnitude(along, down) / 4), np.float32)


def _search(reference: Edges, frame: Edges, mask: Pixels) -> NDArray[np.float32]:
    found = cv2.matchTemplate(frame, reference, cv2.TM_CCOEFF_NORMED, mask=mask.astype(np.float32))
    found = np.where(np.isfinite(found), found, -1)
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    return np.array([[1, 0, x], [0, 1, y]], np.float32)


def _refine(reference: Edges, frame: Edges, mask: Pixels, turn: NDArray[np.float32]) -> NDArray[np.float32]:
    """ECC masks only what is warped, so the reference is warped onto the frame, and the answer turned round."""
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    back = np.asarray(cv2.invertAffineTransform(turn), np.float32)
    try:
        _, better = cv2.findTransformECC(
            frame, reference, back, cv2.MOTION_AFFINE, until, inputMask=mask * np.uint8(255)
        )
    except cv2.error:  # it does not converge: what the search found has to do
        return turn
    return np.asarray(cv2.invertAffineTransform(better), np.float32)


def _correlation(reference: Edges, frame: Edges, mask: Pixels, turn: NDArray[np.float32]) -> float:
    size = reference.shape[1], reference.shape[0]
    back = cv2.warpAffine(frame, turn, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    one, other = reference[mask > 0], back[mask > 0]
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0
