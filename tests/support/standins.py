"""Four small files in the place of MNIST's, in the same format, and a process that reads them.

Their hashes are computed here, by hashlib; what is in them is known without the code under test.
"""

import dataclasses
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.datasets import mnist as mnist_files
from mytorch.datasets.idx import IdxFile

ROOT = Path(__file__).resolve().parents[2]

RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, (17, 3, 3), np.uint8),
    "train-labels-idx1-ubyte": RNG.integers(0, 10, 17, np.uint8),
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, (13, 3, 3), np.uint8),
    "t10k-labels-idx1-ubyte": RNG.integers(0, 10, 13, np.uint8),
}
NAMES = tuple(ARRAYS)


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file, by the description of the format."""
    counts = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + counts + array.tobytes()


CONTENT = {name: idx(array) for name, array in ARRAYS.items()}
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENT.items()}
FILES = {
    name: IdxFile(name, ARRAYS[name].shape, hashlib.sha256(content).hexdigest())
    for name, content in CONTENT.items()
}


def install(put: Callable[[Any, str, Any], None] = setattr) -> None:
    """From here on these files are MNIST; `put` may be one that is undone after the test."""
    put(mnist_files, "SET", dataclasses.replace(mnist_files.SET, files=tuple(FILES.values())))


def put(folder: Path, name: str, packed: bool = True, content: bytes | None = None) -> Path:
    """Writes one file, whole unless `content` says otherwise, and returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name + (".gz" if packed else ""))
    path.write_bytes(content if content is not None else (PACKED if packed else CONTENT)[name])
    return path


def put_all(folder: Path, packed: bool = True) -> None:
    for name in NAMES:
        put(folder, name, packed)


def visible(folder: Path) -> list[str]:
    """What is in a folder, hidden and unfinished files too."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


HEAD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may ignore it
from mytorch.datasets import mnist as mnist_files, places
from mytorch.datasets import load
from tests.support import standins
standins.install()
places.repository = lambda: None
"""


def child(code: str, cache: Path, **environment: str) -> "subprocess.Popen[str]":
    """A Python process of its own, where `load("mnist")` means these files, kept below `cache`."""
    kept = {key: value for key, value in os.environ.items() if key != "MYTORCH_DATA"}
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code],
        cwd=ROOT,
        env={**kept, "XDG_CACHE_HOME": str(cache), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
