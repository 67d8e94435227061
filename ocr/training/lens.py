"""The camera: blur, motion, few pixels, noise, gamma, sharpening, JPEG."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.training.style import Dice

Picture = NDArray[np.float32]
Photo = NDArray[np.uint8]
_GRAIN: Final = np.random.default_rng(0).standard_normal(2**18, np.float32)  # noise to cut pieces from


def photograph(dice: Dice, picture: Picture, size: tuple[int, int]) -> Photo:
    """A picture (0..1) as a camera hands it over, brought to the strip's size as the reader does it."""
    picture = _blur(dice, picture)
    width, height = size
    ratio = float(np.exp(dice.uniform(np.log(0.42), np.log(2.0))))
    if dice.random() < 0.25:
        ratio = 1.0
    photo_size = (max(16, round(width * ratio * float(dice.uniform(0.8, 1.25)))), max(11, round(height * ratio)))
    picture = np.asarray(cv2.resize(picture, photo_size, interpolation=cv2.INTER_AREA), np.float32)
    photo = _sensor(dice, picture)
    if dice.random() < 0.7:
        quality = int(dice.integers(25, 96))
        photo = np.asarray(
            cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_UNCHANGED),
            np.uint8,
        )
    way = cv2.INTER_AREA if photo.shape[0] > height else int(dice.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    return np.asarray(cv2.resize(photo, size, interpolation=way), np.uint8)


def _blur(dice: Dice, picture: Picture) -> Picture:
    kind = dice.random()
    if kind < 0.55:
        sigma = float(np.exp(dice.uniform(np.log(0.5), np.log(3.6))))
        return np.asarray(
            cv2.GaussianBlur(picture, (0, 0), sigma * float(dice.uniform(0.7, 1.4)), sigmaY=sigma), np.float32
        )
    if kind < 0.7:
        length = int(dice.integers(2, 9))
        kernel = np.zeros((length, length), np.float32)
        middle, turn = (length - 1) / 2, float(dice.uniform(0, np.pi))
        reach = np.array([np.cos(turn), np.sin(turn)]) * middle
        ends = [(round(middle + s * float(reach[0])), round(middle + s * float(reach[1]))) for s in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1)
        return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
    return picture


def _sensor(dice: Dice, picture: Picture) -> Photo:
    """Exposure, clipping, noise and the maker's sharpening."""
    if dice.random() < 0.4:
        picture = np.clip(picture, 0, 4) ** float(dice.uniform(0.55, 1.8))
    gain = min(float(np.exp(dice.normal(0, 0.3))), float(dice.uniform(0.7, 1.1)) / max(0.1, float(np.median(picture))))
    picture = picture * gain
    if dice.random() < 0.6:
        amount = float(np.exp(dice.uniform(np.log(0.004), np.log(0.06))))
        start = int(dice.integers(0, _GRAIN.size - picture.size))
        grain = _GRAIN[start : start + picture.size].reshape(picture.shape)
        picture = picture + grain * np.float32(amount * 0.6)
    if dice.random() < 0.2:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
        picture = picture + (picture - soft) * float(dice.uniform(0.3, 1.5))
    return np.asarray(np.clip(picture * 255, 0, 255), np.uint8)
