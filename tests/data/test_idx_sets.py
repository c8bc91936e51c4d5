"""IDX files under other names and in other places, of other data sets, and made of other files."""

import dataclasses
import gzip
import hashlib
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import DataError, DataMissing, fashion_mnist, idx_set, kmnist, load, read_idx
from mytorch.datasets import mnist as mnist_files
from mytorch.datasets.idx import IdxFile
from mytorch.datasets.mnist import read
from tests.support.standins import ARRAYS, CONTENT, FILES, NAMES, PACKED, idx

OTHER = {name: array[::-1].copy() for name, array in ARRAYS.items()}
"""Another data set of the same shapes."""


def placed(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def mnist_is_read() -> None:
    for name in NAMES:
        assert np.array_equal(read(FILES[name]), ARRAYS[name])


@pytest.mark.parametrize("place", ["MNIST/raw", "MNIST", "mnist/raw", "mnist", "raw", "."])
@pytest.mark.parametrize("form", ["{}", "{}.gz", "dots", "dots.gz", "{0}/{0}", "{0}/dots"])
def test_names_and_places_that_others_use(place: str, form: str, folders: dict[str, Path]) -> None:
    """Torchvision's folders, names with a dot, and files that were unpacked into a folder each."""
    for name in NAMES:
        dotted = name.replace("-idx", ".idx")
        path = folders["chosen"].parent / place / form.format(name).replace("dots", dotted)
        placed(path, (PACKED if form.endswith(".gz") else CONTENT)[name])
    mnist_is_read()


@pytest.mark.usefixtures("folders")
def test_a_faulty_file_is_passed_by_where_another_is_right(folders: dict[str, Path]) -> None:
    for name in NAMES:
        placed(folders["chosen"] / name, CONTENT[name][:-1])
        placed(folders["chosen"] / f"{name.replace('-idx', '.idx')}.gz", PACKED[name])
    mnist_is_read()


@pytest.fixture
def fashion(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Gzip files of another set, of which the digests of the gzip files are all that is known."""
    packed = {name: gzip.compress(idx(array), mtime=1) for name, array in OTHER.items()}
    files = tuple(
        IdxFile(name, ARRAYS[name].shape, packed=hashlib.sha256(packed[name]).hexdigest())
        for name in NAMES
    )
    changed = dataclasses.replace(fashion_mnist.SET, files=files)
    monkeypatch.setattr(fashion_mnist, "SET", changed)
    monkeypatch.setitem(idx_set.KNOWN, "fashion-mnist", changed)
    monkeypatch.setitem(idx_set.KNOWN, "mnist", mnist_files.SET)
    return packed


def fashion_is_read() -> None:
    for file in fashion_mnist.SET.files:
        assert np.array_equal(fashion_mnist.SET.read(file), OTHER[file.name])


@pytest.mark.parametrize("place", ["fashion-mnist", "FashionMNIST/raw", "fashion_mnist", "."])
def test_another_set_with_the_same_names(
    place: str, folders: dict[str, Path], fashion: dict[str, bytes]
) -> None:
    """Side by side with MNIST; in one folder, too, where the others have names with a dot."""
    for name in NAMES:
        placed(folders["chosen"].parent / "mnist" / name, CONTENT[name])
        dotted = f"{name.replace('-idx', '.idx')}.gz"
        placed(folders["chosen"].parent / place / dotted, fashion[name])
    mnist_is_read()
    fashion_is_read()
    x = load("fashion-mnist", np.float32)[0][0]
    assert np.array_equal(x, OTHER[NAMES[0]].reshape(-1, 9).astype(np.float32) / 255)


def test_unpacked_files_of_unknown_digest_are_taken_in_their_own_folder_alone(
    folders: dict[str, Path], fashion: dict[str, bytes]
) -> None:
    for name in NAMES:
        placed(folders["chosen"].parent / name, idx(OTHER[name]))
    with pytest.raises(DataError, match="or from another data set with the same file names"):
        fashion_mnist.SET.read(fashion_mnist.SET.files[0])
    for name in NAMES:
        placed(folders["chosen"].parent / "fashion-mnist" / name, idx(OTHER[name]))
    fashion_is_read()


def test_a_file_of_another_set_is_called_by_its_name(
    folders: dict[str, Path], fashion: dict[str, bytes]
) -> None:
    path = folders["chosen"] / f"{NAMES[0]}.gz"
    placed(path, fashion[NAMES[0]])
    with pytest.raises(DataError) as info:
        load("mnist")
    text = f"{path}: this is not {NAMES[0]}: it is a file of Fashion-MNIST, which "
    assert str(info.value).startswith(f"{text}load('fashion-mnist') reads. Put the original")
    assert not re.search("[Dd]elete|away", str(info.value))
    own = folders["chosen"].parent / "fashion-mnist" / NAMES[0]
    placed(own, CONTENT[NAMES[0]])
    with pytest.raises(DataError, match=re.escape("it is a file of MNIST, which load('mnist')")):
        fashion_mnist.SET.read(fashion_mnist.SET.files[0])


def test_the_digests_are_of_the_published_sizes() -> None:
    """Four files a set, each with one digest of 64 digits, and none twice."""
    files = [f for one in (mnist_files, fashion_mnist, kmnist) for f in one.SET.files]
    digests = [f.sha256 or f.packed for f in files]
    assert len(set(digests)) == 12
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    assert [f.size for f in files] == 3 * [47_040_016, 60_008, 7_840_016, 10_008]


CODES = {">u1": 8, ">i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 2, 3, 2)])
def test_read_idx_reads_every_kind_of_number(
    dtype: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    numbers: Any = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    head = bytes([0, 0, CODES[dtype], len(shape)]) + np.array(shape, ">u4").tobytes()
    for content in (head + numbers.tobytes(), gzip.compress(head + numbers.tobytes())):
        (tmp_path / "any name").write_bytes(content)
        array = read_idx(tmp_path / "any name")
        assert array.dtype == np.dtype(dtype).newbyteorder("=")
        assert np.array_equal(array, numbers)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"\0\0\x08", "it begins with the bytes 00 00 08, not"),
        (b"\0\0\x07\1\0\0\0\1x", "it begins with the bytes 00 00 07 01"),
        (b"\0\0\x08\3\0\0\0\1", "cut short"),
        (b"\0\0\x08\1\0\0\0\2x", "cut short"),
        (b"\0\0\x08\1\xff\xff\xff\xffx", "cut short"),
        (b"\0\0\x08\1\0\0\0\1xy", "its header says 1, and then 1 bytes more follow"),
        (b"<html>", "web page"),
        (PACKED[NAMES[0]][:-9], "put the original in its place"),
        (b"\x1f\x8b\x08", "put the original in its place"),
        (b"\x80\4\x95", "pickles, which are not read"),
    ],
)
def test_read_idx_says_what_is_wrong(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as info:
        read_idx(path)
    assert str(info.value).startswith(f"{path}: ")
    with pytest.raises(DataMissing, match="no such file"):
        read_idx(tmp_path / "nothing")
    with pytest.raises(DataError, match="this is a folder"):
        read_idx(tmp_path)


def remedy(message: str) -> str:
    """The program that a message shows, from its first line on."""
    _, _, code = message.partition("folder:\n")
    lines = code.splitlines()
    return "\n".join(line[2:] for line in lines if line.startswith("  "))


def carried_out(message: str, folder: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", remedy(message)], cwd=folder, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["mnist.npz", "mnist.pkl.gz"])
def test_what_is_said_of_other_files_makes_the_four_of_them(
    name: str, folders: dict[str, Path]
) -> None:
    """The two files that many have: the message holds a program, and it is run here."""
    rng = np.random.default_rng(5)
    x, y = rng.integers(0, 256, (6, 28, 28), np.uint8), np.arange(6)
    test_x, test_y = rng.integers(0, 256, (3, 28, 28), np.uint8), np.arange(3)
    path = folders["chosen"].parent / name
    path.parent.mkdir(parents=True)
    if name == "mnist.npz":
        np.savez(path, x_train=x, y_train=y, x_test=test_x, y_test=test_y)
    else:
        parts = ((x[:4], y[:4]), (x[4:], y[4:]), (test_x, test_y))
        floats = [(a.reshape(-1, 784).astype(np.float32) / 256, b) for a, b in parts]
        with gzip.open(path, "wb") as file:
            pickle.dump(floats, file)
    with pytest.raises(DataMissing) as info:
        load("mnist")
    with pytest.raises(DataError) as direct:
        read_idx(path)
    assert max(map(len, str(info.value).splitlines()[-15:])) <= 80 + len(str(path))
    for message in (str(info.value), str(direct.value)):
        carried_out(message, path.parent)
        for part, images, labels in (("train", x, y), ("t10k", test_x, test_y)):
            assert np.array_equal(read_idx(path.parent / f"{part}-images-idx3-ubyte"), images)
            assert np.array_equal(read_idx(path.parent / f"{part}-labels-idx1-ubyte"), labels)
            (path.parent / f"{part}-images-idx3-ubyte").unlink()


@pytest.mark.parametrize("dimensions", [0, 33, 255])
def test_a_number_of_dimensions_that_no_array_has_is_named(dimensions: int, tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(bytes([0, 0, 8, dimensions]) + b"\0\0\0\1" * dimensions + b"x")
    with pytest.raises(DataError, match=f"its header says {dimensions} dimensions, and one has"):
        read_idx(path)
