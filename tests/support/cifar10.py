"""A small data set in CIFAR-10's formats, in its place; written by hand, with hashes by hashlib."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mytorch.datasets import cifar10, cifar10_folders

RNG = np.random.default_rng(0)
BATCH = 12
IMAGES = RNG.integers(0, 256, (6 * BATCH, 32, 32, 3), np.uint8)
LABELS = RNG.permutation(np.arange(6 * BATCH) % 10)


def records(start: int) -> bytes:
    """A binary batch by the description of the format: class, red plane, green plane, blue."""
    rows = []
    for image, label in zip(IMAGES[start:][:BATCH], LABELS[start:][:BATCH], strict=True):
        rows.append(bytes([label]))
        rows += [image[:, :, channel].tobytes() for channel in range(3)]
    return b"".join(rows)


NAMES = tuple(cifar10.SHA256)
CONTENT = {name: records(i * BATCH) for i, name in enumerate(NAMES)}


def archive(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, data in {"readme.html": b"<html>", **content}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


ARCHIVE = archive(CONTENT)


def install(put: Callable[[Any, str, Any], None]) -> None:
    """From here on this is CIFAR-10."""
    put(cifar10, "BATCH", BATCH)
    put(cifar10, "SHA256", {n: hashlib.sha256(c).hexdigest() for n, c in CONTENT.items()})
    put(cifar10, "ARCHIVE_SIZE", len(ARCHIVE))
    put(cifar10, "ARCHIVE_SHA256", hashlib.sha256(ARCHIVE).hexdigest())
    put(cifar10_folders, "WHOLE", {"train": 5, "test": 2})


def batches(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)


def pictures(folder: Path, train: int = 5, test: int = 2) -> None:
    """Class folders of so many pictures each; all files have one size."""
    for part, count in (("train", train), ("test", test)):
        for label, name in enumerate(cifar10.CLASSES):
            place = folder / part / name
            place.mkdir(parents=True)
            for i in range(count):
                Image.fromarray(picture(part, label, i)).save(place / f"{i}.png", compress_level=0)


def picture(part: str, label: int, i: int) -> Any:
    number = 1000 * (part == "test") + 20 * label + i
    image = np.random.default_rng(number).integers(0, 256, (32, 32, 3), np.uint8)
    image[0, 0] = (number % 250, label, i)
    return image


def noise_folders(target: Path, each: int = 3) -> Path:
    """Class folders of noise, which are accepted as a part of CIFAR-10."""
    rng = np.random.default_rng(0)
    for kind in ("train", "test"):
        for name in cifar10.CLASSES:
            folder = target / kind / name
            folder.mkdir(parents=True)
            for i in range(each):
                picture = rng.integers(0, 256, (32, 32, 3), np.uint8)
                Image.fromarray(picture).save(folder / f"{i}.png")
    return target
