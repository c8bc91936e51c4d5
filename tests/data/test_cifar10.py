"""CIFAR-10: found in each of its forms, in each place; pixels, splits, and what is refused."""

import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mytorch.datasets import (
    DataError,
    DataMissing,
    cifar10,
    load,
    load_pixels,
)
from tests.support import cifar10 as standin


@pytest.fixture(autouse=True)
def places(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The three places, which are empty."""
    standin.install(monkeypatch.setattr)
    return {name: folder.parent / "cifar10" for name, folder in folders.items()}


def is_whole(data: cifar10.Cifar10) -> None:
    images = np.concatenate([data.images, data.test_images])
    assert np.array_equal(images, standin.IMAGES)
    assert np.array_equal(np.concatenate([data.labels, data.test_labels]), standin.LABELS)
    assert len(data.test_images) == standin.BATCH
    assert not data.is_part


@pytest.mark.parametrize("place", ["chosen", "checkout", "cache"])
@pytest.mark.parametrize("form", ["archive", "unpacked", "files"])
def test_the_archive_and_what_is_in_it(place: str, form: str, places: dict[str, Path]) -> None:
    if form == "archive":
        places[place].mkdir(parents=True)
        (places[place] / cifar10.ARCHIVE).write_bytes(standin.ARCHIVE)
    else:
        standin.batches(places[place] / (cifar10.UNPACKED if form == "unpacked" else "."))
    is_whole(cifar10.read())
    assert cifar10.read().about.startswith(f"CIFAR-10 from {places[place]}")


def test_it_may_lie_in_the_chosen_folder_itself(places: dict[str, Path]) -> None:
    standin.batches(places["chosen"].parent / cifar10.UNPACKED)
    is_whole(cifar10.read())


def test_pixels_are_those_of_the_course(places: dict[str, Path]) -> None:
    """float32, channels first, the mean image subtracted, not divided (uva-2019 §6)."""
    standin.batches(places["chosen"])
    (x, y), (val_x, val_y), (test_x, test_y) = load("cifar10")
    count, val = 5 * standin.BATCH, 5 * standin.BATCH // 10
    assert [len(a) for a in (x, val_x, test_x)] == [count - val, val, standin.BATCH]
    assert x.dtype == y.dtype == np.float32
    channels_first = standin.IMAGES.astype(np.float64).transpose(0, 3, 1, 2)
    expected = channels_first - channels_first[: count - val].mean(axis=0)
    np.testing.assert_allclose(np.concatenate([x, val_x, test_x]), expected, atol=1e-4)
    labels = np.concatenate([y, val_y, test_y]).argmax(axis=1)
    assert np.array_equal(labels, standin.LABELS)
    assert load("cifar10", np.float64)[0][0].dtype == np.float64
    assert abs(x.mean(axis=0)).max() < 1e-4


def test_standardised_each_colour_has_mean_0_and_deviation_1(places: dict[str, Path]) -> None:
    standin.batches(places["chosen"])
    (x, _), _, (test_x, _) = load("cifar10", np.float64, normalized=True)
    np.testing.assert_allclose(x.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(x.std(axis=(0, 2, 3)), 1, atol=1e-12)
    assert abs(test_x.mean(axis=(0, 2, 3))).min() > 1e-6


def test_bytes_stay_bytes_until_a_batch_is_asked_for(places: dict[str, Path]) -> None:
    standin.batches(places["chosen"])
    (x, _), *_ = load_pixels("cifar10")
    assert x.bytes.dtype == np.uint8
    assert x.shape == (54, 3, 32, 32)
    batch = x[np.array([5, 3])]
    assert batch.shape == (2, 3, 32, 32)
    assert batch.transpose(0, 2, 3, 1).flags.c_contiguous  # as convolutions want them


FAULTS: dict[str, tuple[Any, str]] = {
    "cut": (lambda c: c[:-1], r"content is 36,875 of 36,876 bytes"),
    "longer": (lambda c: c + b"x", r"content is more than 36,876 bytes"),
    "changed": (lambda c: c[:-1] + bytes([c[-1] ^ 1]), r"SHA-256 is \w{12}..., not \w{12}..., so"),
    "empty": (lambda c: b"", r"content is 0 of 36,876 bytes"),
}


@pytest.mark.parametrize("form", ["archive", "files"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_named(fault: str, form: str, places: dict[str, Path]) -> None:
    change, message = FAULTS[fault]
    name = "data_batch_3.bin"
    content = {**standin.CONTENT, name: change(standin.CONTENT[name])}
    standin.batches(places["chosen"])
    path = places["chosen"] / name
    path.write_bytes(content[name])
    if form == "archive":
        shutil.rmtree(places["chosen"])
        places["chosen"].mkdir()
        path = places["chosen"] / cifar10.ARCHIVE
        path.write_bytes(standin.archive(content))
    with pytest.raises(DataError, match=message) as info:
        load("cifar10")
    assert str(info.value).startswith(f"{path}: ")
    assert not isinstance(info.value, DataMissing)


def test_a_faulty_file_is_passed_by_where_another_is_right(places: dict[str, Path]) -> None:
    standin.batches(places["chosen"])
    (places["chosen"] / "data_batch_1.bin").write_bytes(b"broken")
    places["cache"].mkdir(parents=True)
    (places["cache"] / cifar10.ARCHIVE).write_bytes(standin.ARCHIVE)
    is_whole(cifar10.read())


def test_missing_files_and_damaged_archives(places: dict[str, Path]) -> None:
    standin.batches(places["chosen"])
    (places["chosen"] / "test_batch.bin").unlink()
    with pytest.raises(DataError, match=r"test_batch.bin: No such file.*Put the original"):
        load("cifar10")
    shutil.rmtree(places["chosen"])
    places["chosen"].mkdir()
    path = places["chosen"] / cifar10.ARCHIVE
    without = {n: c for n, c in standin.CONTENT.items() if n != "test_batch.bin"}
    for content, message in (
        (standin.archive(without), "test_batch.bin is not in it"),
        (b"", "damaged"), (b"no archive", "damaged"), (standin.ARCHIVE[:5000], "damaged"),
        (standin.ARCHIVE[:-3000], "damaged"),
        (standin.ARCHIVE[:3000] + b"0" * 50 + standin.ARCHIVE[3050:], "damaged|content is|SHA"),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(DataError, match=message) as info:
            load("cifar10")
        assert str(info.value).startswith(f"{path}: ")


def test_nowhere_to_be_found(places: dict[str, Path]) -> None:
    with pytest.raises(DataMissing) as info:
        load("cifar10")
    lines = str(info.value).splitlines()
    assert lines[:3] == [
        "CIFAR-10 is not on this machine", "and could not be downloaded:",
        "  MYTORCH_MIRRORS names no mirror",
    ]  # fmt: skip
    assert f"Put it into {places['checkout']}" in lines


@pytest.mark.parametrize("name", ["cifar-10-python.tar.gz", "cifar-10-batches-py"])
def test_pickles_are_not_read_but_can_be_converted(name: str, places: dict[str, Path]) -> None:
    """The message holds a program; it is run here, and its files are read."""
    places["chosen"].mkdir(parents=True)
    (places["chosen"] / name).mkdir()
    with pytest.raises(DataMissing, match="holds pickles, which are not read") as info:
        load("cifar10")
    _, _, code = str(info.value).partition("batches:\n")
    for i, batch in enumerate(standin.NAMES):
        rows = slice(i * standin.BATCH, (i + 1) * standin.BATCH)
        data = standin.IMAGES[rows].transpose(0, 3, 1, 2).reshape(standin.BATCH, -1)
        content = {b"labels": standin.LABELS[rows].tolist(), b"data": data}
        path = places["chosen"] / batch.removesuffix(".bin")
        path.write_bytes(pickle.dumps(content))
    program = "\n".join(line[2:] for line in code.splitlines())
    subprocess.run([sys.executable, "-c", program], cwd=places["chosen"], check=True)
    is_whole(cifar10.read())


def sorted_pictures(images: Any, labels: Any) -> list[tuple[int, bytes]]:
    return sorted((int(n), image.tobytes()) for image, n in zip(images, labels, strict=True))


def expected_pictures(part: str, count: int) -> list[tuple[int, bytes]]:
    return sorted(
        (label, standin.picture(part, label, i).tobytes())
        for label in range(10)
        for i in range(count)
    )


def test_class_folders_in_an_order_that_is_mixed_and_always_the_same(
    places: dict[str, Path],
) -> None:
    standin.pictures(places["chosen"])
    data = cifar10.read()
    assert sorted_pictures(data.images, data.labels) == expected_pictures("train", 5)
    assert sorted_pictures(data.test_images, data.test_labels) == expected_pictures("test", 2)
    assert len(set(data.labels[:10].tolist())) > 4  # not class by class
    again = tuple(shutil.copytree(places["chosen"], places["cache"]) for _ in range(1))
    assert np.array_equal(cifar10.read(again[0]).images, data.images)
    assert data.images[0, 0, 0, 1] == data.labels[0]  # picture and label stay together


def test_a_part_is_taken_and_said_to_be_one(places: dict[str, Path]) -> None:
    standin.pictures(places["chosen"], 3, 1)
    monkey = "a part of CIFAR-10: 30 of 50 training pictures and 10 of 20 test pictures, from "
    with pytest.warns(UserWarning, match=re.escape(f"{monkey}{places['chosen']}")) as caught:
        (x, y), (val_x, _), (test_x, _) = load("cifar10")
    assert caught[0].filename == __file__
    assert [len(a) for a in (x, val_x, test_x)] == [27, 3, 10]
    assert y.shape == (27, 10)


def test_some_classes_alone_keep_their_numbers(places: dict[str, Path]) -> None:
    standin.pictures(places["chosen"])
    for name in set(cifar10.CLASSES) - {"bird", "truck"}:
        for part in ("train", "test"):
            shutil.rmtree(places["chosen"] / part / name)
    assert set(cifar10.read().labels) == {2, 9}


def test_other_folders_are_refused(places: dict[str, Path]) -> None:
    standin.pictures(places["chosen"])
    strange = places["chosen"] / "train" / "zebra"
    strange.mkdir()
    with pytest.raises(DataError, match="'zebra' is no class of CIFAR-10; they are airplane,"):
        load("cifar10")
    strange.rmdir()
    copied = places["chosen"] / "test" / "dog" / "copy.png"
    shutil.copy(places["chosen"] / "test" / "dog" / "0.png", copied)
    with pytest.raises(DataError, match="it has 3 pictures, and CIFAR-10 has 2 of each class"):
        load("cifar10")
    copied.unlink()
    Image.new("RGB", (32, 31)).save(places["chosen"] / "train" / "ship" / "4.png")
    with pytest.raises(DataError, match=r"ship.4.png: its size is 32 x 31 .* all 32 x 32"):
        load("cifar10")
    shutil.rmtree(places["chosen"] / "test")
    with pytest.raises(DataError, match=r"test: there is no such folder; CIFAR-10's pictures"):
        load("cifar10")


def test_it_may_lie_directly_in_the_chosen_folder(places: dict[str, Path]) -> None:
    """But pictures of other things there are not taken for it."""
    folder = places["chosen"].parent
    standin.pictures(folder)
    assert len(cifar10.read().images) == 50
    (folder / "train" / "zebra").mkdir()
    with pytest.raises(DataMissing):
        cifar10.read()
