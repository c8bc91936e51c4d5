"""Data sets: their shapes, splits and labels, and what is refused."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import datasets
from mytorch.datasets import DataError, Dataset, load, normalize, one_hot
from mytorch.datasets import digits as digits_file
from mytorch.datasets import mnist as mnist_files
from tests.conftest import ROOT


def test_digits_have_the_documented_shapes() -> None:
    parts = load("digits")
    assert [x.shape for x, _ in parts] == [(1197, 64), (300, 64), (300, 64)]
    assert [y.shape for _, y in parts] == [(1197, 10), (300, 10), (300, 10)]
    for x, y in parts:
        assert x.dtype == y.dtype == np.float64
        assert (x.min(), x.max()) == (0.0, 1.0)
        assert np.array_equal(y.sum(axis=1), np.ones(len(y)))
        assert set(np.unique(y)) == {0.0, 1.0}
        assert y.sum(axis=0).min() >= 15  # every digit is there


def test_digits_are_the_embedded_lines_each_once() -> None:
    """Read again by plain Python: image and label stay together through the shuffle."""
    with gzip.open(ROOT / "data" / "digits" / "digits.csv.gz", "rt") as file:
        lines = sorted([int(n) for n in line.split(",")] for line in file)
    rows = [
        [*(16 * image).astype(int).tolist(), int(label.argmax())]
        for x, y in load("digits")
        for image, label in zip(x, y, strict=True)
    ]
    assert sorted(rows) == lines


def test_digits_are_the_same_every_time() -> None:
    np.random.seed(1)
    first = load("digits")
    np.random.seed(2)
    for (x, y), (again_x, again_y) in zip(first, load("digits"), strict=True):
        assert np.array_equal(x, again_x)
        assert np.array_equal(y, again_y)


def test_mnist_has_the_homeworks_split(mnist: Dataset) -> None:
    assert [x.shape for x, _ in mnist] == [(55_000, 784), (5_000, 784), (10_000, 784)]
    assert [y.shape for _, y in mnist] == [(55_000, 10), (5_000, 10), (10_000, 10)]
    (x, y), (val_x, val_y), (_, test_y) = mnist
    assert x.dtype == np.float32
    assert (x.min(), x.max()) == (0.0, 1.0)
    # figures that are published of MNIST: the first labels, the pixels' mean and deviation
    assert y[:10].argmax(axis=1).tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test_y[:10].argmax(axis=1).tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    pixels = np.concatenate([x, val_x]).astype(np.float64)
    assert pixels.mean() == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std() == pytest.approx(0.3081, abs=5e-5)
    assert np.concatenate([y, val_y]).sum(axis=0).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip


def test_normalize_uses_the_training_part_for_all() -> None:
    labels = np.eye(2)
    dset: Any = tuple((np.array(x), labels) for x in ([[1.0, 3.0]] * 2, [[5.0, 2.0]] * 2, [[2, 2]]))
    train, val, test = normalize(dset)
    assert train[0].tolist() == [[-1, 1], [-1, 1]]
    assert val[0].tolist() == [[3, 0], [3, 0]]
    assert test[0].tolist() == [[0, 0]]
    assert train[1] is labels
    assert dset[0][0].tolist() == [[1, 3], [1, 3]]


def test_normalize_keeps_float32_and_takes_constant_data() -> None:
    x, y = np.full((3, 2), 7, np.float32), np.eye(3, 2)
    (train, *_), *_ = normalize(((x, y), (x, y), (x, y)))
    assert train.dtype == np.float32
    assert not train.any()


def test_normalized_digits() -> None:
    (x, _), (val_x, _), _ = load("digits", np.float32, normalized=True)
    assert x.dtype == np.float32
    assert x.mean() == pytest.approx(0, abs=1e-5)
    assert x.std() == pytest.approx(1, abs=1e-5)
    assert val_x.std() != pytest.approx(1, abs=1e-5)


def test_one_hot() -> None:
    assert one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot(np.array([1], np.uint8), 2, np.float32).dtype == np.float32
    assert one_hot(np.array([], int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 3], ValueError, "expected labels from 0 to 2, got 3 at index 1"),
        ([0, -1], ValueError, "got -1 at index 1"),
        ([[0, 1]], ValueError, r"expected labels \(N,\), got \(1, 2\)"),
        ([0.0, 1.0], TypeError, "expected integer labels, got dtype float64"),
    ],
)
def test_labels_out_of_range_are_refused(labels: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        one_hot(labels, 3)


def test_an_unknown_name_or_dtype_is_refused() -> None:
    with pytest.raises(
        ValueError,
        match="expected one of cifar10, digits, fashion-mnist, kmnist, mnist, got 'cifar'",
    ):
        load("cifar")
    with pytest.raises(TypeError, match="expected dtype float32 or float64"):
        load("digits", np.uint8)


@pytest.mark.parametrize("damage", ["missing", "truncated", "changed"])
def test_damaged_digits_are_refused(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (ROOT / "data" / "digits" / "digits.csv.gz").read_bytes()
    path = tmp_path / "digits.csv.gz"
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        path.write_bytes(gzip.compress(gzip.decompress(content).replace(b"16", b"15", 1)))
    monkeypatch.setattr(digits_file, "_digits_file", lambda: path)
    with pytest.raises(DataError, match=r"digits.csv.gz: .*; install mytorch again"):
        load("digits")


def test_no_flipped_bit_gives_other_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are found by the gzip format, some by its checksum, and one by the compression."""
    content = (ROOT / "data" / "digits" / "digits.csv.gz").read_bytes()
    right = load("digits")
    path = tmp_path / "digits.csv.gz"
    monkeypatch.setattr(digits_file, "_digits_file", lambda: path)
    reasons = set()
    for at in [*range(60), *range(60, len(content), len(content) // 40)]:
        path.unlink(missing_ok=True)  # some disks are waited for where a file is overwritten
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        try:
            same = load("digits")
        except DataError as error:
            reasons.add(type(error.__cause__).__name__)
            text = str(error)
        else:
            assert np.array_equal(same[0][0], right[0][0])
            continue
        assert text.startswith(f"{path}: ")
        assert text.endswith("; install mytorch again")
    assert {"error", "BadGzipFile"} <= reasons  # zlib's own is called just that


def test_the_readme_of_the_data_names_the_right_hash() -> None:
    assert digits_file.DIGITS_SHA256 in (ROOT / "data" / "README.md").read_text()


@pytest.mark.slow
def test_an_installed_wheel_finds_the_digits(tmp_path: Path, python: Callable[..., Any]) -> None:
    """The wheel is built and unpacked, and imported from there and nowhere else."""
    built = python(
        "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path
    )
    (wheel,) = tmp_path.glob("mytorch-*.whl")
    assert built.returncode == 0, built.stderr
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "import mytorch; from mytorch.datasets import load\n"
        "print(json.dumps([mytorch.__file__, len(load('digits')[0][0])]))"
    )
    result = python("-I", "-c", code, site)  # -I: without the current folder
    assert result.returncode == 0, result.stderr
    where, rows = json.loads(result.stdout)
    assert where.startswith(str(site))
    assert rows == 1197
    assert (site / "mytorch" / "py.typed").exists()


def test_files_are_described_by_their_sizes() -> None:
    assert [file.size for file in mnist_files.SET.files] == [47_040_016, 60_008, 7_840_016, 10_008]


OWN = '''
"""Two pictures of one pixel for each purpose."""
import numpy as np
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import Pixels

NAME = "tiny"

def read_pixels(dtype):
    split = Pixels(np.array([[51], [102]], np.uint8), 255, dtype), one_hot([0, 1], 2, dtype)
    return split, split, split
'''


def test_a_data_set_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tiny_for_a_test.py").write_text(OWN)
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])
    (x, y), _, (test_x, _) = load("tiny", "float32", normalized=True)
    assert datasets.names() == ["cifar10", "digits", "fashion-mnist", "kmnist", "mnist", "tiny"]
    np.testing.assert_allclose(x, [[-1], [1]], rtol=1e-6)
    assert x.dtype == y.dtype == np.float32
    assert np.array_equal(x, test_x)
    with pytest.raises(
        ValueError, match=r"expected one of cifar10, digits, .*mnist, tiny, got 'other'"
    ):
        load("other")
