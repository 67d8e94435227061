"""Looks at a flat scene as a camera does: from aside, under lamps and reflections, blurred, noisy, compressed."""

import cv2
import numpy as np
from numpy.random import Generator

from ocr.training.scenes_digits import Picture
from ocr.training.scenes_surface import some_colour, texture


def some_view(
    rng: Generator,
    size: tuple[int, int],
    about: tuple[float, float],
    target: tuple[float, float],
    bent: tuple[float, float],
) -> Picture:
    """The homography that brings a flat point to one of the picture, bent: stretched, and turned by degrees."""
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.5 * max(size)
    angle = np.deg2rad(bent[1])
    rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    aside = np.exp(rng.normal(0, 0.1, 2))
    seen = (flat * aside) @ rotate.T * [bent[0], 1] + rng.normal(0, rng.choice([0.0, 0.04]) * max(size), (4, 2))
    return cv2.getPerspectiveTransform((flat + about).astype(np.float32), (seen + target).astype(np.float32))


def light(rng: Generator, picture: Picture) -> Picture:
    """Shadows, reflections, glare, a colour cast, exposure."""
    height, width = picture.shape[:2]
    for _ in range(rng.choice([0, 0, 1, 2])):
        picture = cv2.add(picture, _reflection(rng, height, width))
    if rng.random() < 0.3:
        shade = np.clip(1 + texture(rng, (height // 4, width // 4), 0.25), 0.4, 1.6)
        picture = cv2.multiply(picture, cv2.merge([cv2.resize(shade, (width, height))] * 3), dtype=cv2.CV_8U)
    if rng.random() < 0.2:
        picture = cv2.add(picture, _lamp(rng, height, width))
    ramp = np.arange(256)[:, None] * np.exp(rng.normal(0, 0.07, 3)) * np.exp(rng.normal(0, 0.25)) + rng.normal(0, 10)
    curve = 255 * (np.clip(ramp, 0, 255) / 255) ** np.exp(rng.normal(0, 0.3))
    return cv2.LUT(picture, curve.astype(np.uint8)[None])


def _reflection(rng: Generator, height: int, width: int) -> Picture:
    """The sky, a window, the photographer in the glass: soft polygons that lift what is under them."""
    layer = np.zeros((height, width, 3), np.uint8)
    centre = rng.uniform(0, 1, 2) * [width, height]
    points = centre + rng.normal(0, rng.uniform(0.03, 0.4) * max(width, height), (rng.integers(3, 7), 2))
    cv2.fillPoly(layer, [cv2.convexHull(points.astype(np.int32))], some_colour(rng, 5, 90).tolist(), cv2.LINE_AA)
    softness = int(rng.integers(0, 8)) * 2 + 1
    return cv2.blur(layer, (softness, softness))


def _lamp(rng: Generator, height: int, width: int) -> Picture:
    """A lamp mirrored in the glass, or the meter's own LED: a bright spot with a halo."""
    x, y = rng.uniform(0, 1, 2) * [width, height]
    away = np.square(np.arange(width) - x)[None, :] + np.square(np.arange(height) - y)[:, None]
    radius = rng.uniform(0.01, 0.08) * max(width, height)
    return np.asarray(np.minimum(1, radius**2 / (away + 1))[:, :, None] * some_colour(rng, 120, 255, 80), np.uint8)


def lens(rng: Generator, picture: Picture, digit_height: float) -> Picture:
    """Out of focus, shaken, resized, noisy, compressed; never so much that the digits are gone."""
    if rng.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, max(0.5, min(4.0, 0.07 * digit_height))))
    if rng.random() < 0.12:
        length = int(max(2, min(9, 0.15 * digit_height)))
        kernel = np.zeros((length, length), np.float32)
        if rng.random() < 0.5:
            kernel[length // 2] = 1 / length
        else:
            kernel[:, length // 2] = 1 / length
        picture = cv2.filter2D(picture, -1, kernel)
    done = np.asarray(picture)
    if rng.random() < 0.5:
        grain = np.empty((*done.shape[:2], int(rng.choice([1, 3]))), np.float32)
        cv2.randn(grain, np.zeros(1), np.full(1, rng.exponential(5)))
        grain = cv2.blur(grain, (2, 2)) * 2 if rng.random() < 0.4 else grain
        done = cv2.add(
            done, grain if grain.ndim == 3 and grain.shape[2] == 3 else cv2.merge([grain] * 3), dtype=cv2.CV_8U
        )
    if rng.random() < 0.1:
        done = cv2.cvtColor(cv2.cvtColor(done, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.4:
        _, coded = cv2.imencode(".jpg", done, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        done = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return done
