"""What was read of CIFAR-10's pictures is kept beside them, until they change or it is damaged."""

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mytorch.datasets import cifar10, cifar10_folders
from mytorch.datasets import folders as class_folders
from tests.support import cifar10 as standin
from tests.support.standins import visible


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """An entry for each time that a folder of pictures is read."""
    read, made = class_folders.read_classes, []

    def counted(*arguments: Any) -> Any:
        made.append(arguments)
        return read(*arguments)

    monkeypatch.setattr(cifar10_folders, "read_classes", counted)
    return made


@pytest.fixture
def chosen(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for CIFAR-10 in `$MYTORCH_DATA`, which is empty."""
    standin.install(monkeypatch.setattr)
    return folders["chosen"].parent / "cifar10"


def test_the_pictures_are_kept_until_one_changes(chosen: Path, calls: list[Any]) -> None:
    standin.pictures(chosen)
    first = cifar10.read()
    assert visible(chosen) == ["pictures.npz", "test", "train"]
    assert len(calls) == 2
    again = cifar10.read()
    assert len(calls) == 2
    for one, other in zip(first[:4], again[:4], strict=True):
        assert np.array_equal(one, other)
    changed = chosen / "train" / "cat" / "2.png"
    new = np.full((32, 32, 3), 7, np.uint8)
    size = changed.stat().st_size
    Image.fromarray(new).save(changed, compress_level=0)
    assert changed.stat().st_size == size  # only its time tells
    third = cifar10.read()
    assert len(calls) == 4
    assert (third.images == 7).all(axis=(1, 2, 3)).sum() == 1
    (chosen / "pictures.npz").write_bytes(b"not ours")
    assert np.array_equal(cifar10.read().images, third.images)
    assert len(calls) == 6
    changed.unlink()
    assert len(cifar10.read().images) == 49
    assert len(calls) == 8


@pytest.mark.parametrize(
    ("header", "needed"),
    [
        ("first", {*range(4), 26, 27}),
        ("last", {*range(4), 6, 8, 10, 11, *range(16, 20)}),
    ],
)
def test_kept_pictures_that_are_damaged_are_read_anew(
    header: str, needed: set[int], chosen: Path, calls: list[Any]
) -> None:
    """By any bit of an entry's header: an encrypted entry, another compression, a later version.

    `needed` has the bytes without which an entry cannot be read, by the format of ZIP: signature
    and length of its name; in the list at the end signature, version, flags, compression, CRC-32.
    """
    standin.pictures(chosen, 2, 1)
    whole = cifar10.read()
    kept = chosen / "pictures.npz"
    content = kept.read_bytes()
    first = header == "first"
    start = content.find(b"PK\x03\x04") if first else content.rfind(b"PK\x01\x02")
    anew = set()
    for byte in range(start, start + 30):
        kept.write_bytes(content[:byte] + bytes([content[byte] ^ 0xFF]) + content[byte + 1 :])
        calls.clear()
        assert np.array_equal(cifar10.read().images, whole.images)
        if calls:
            anew.add(byte - start)
    assert needed <= anew
    gc.collect()  # a file that was left open would warn here


def test_a_folder_that_may_only_be_read_will_do(
    chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.pictures(chosen)

    def refused(path: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cifar10_folders, "replacing", refused)
    assert not cifar10.read().is_part
    assert visible(chosen) == ["test", "train"]
