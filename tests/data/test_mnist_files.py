"""Where MNIST's files are found, and where a download is kept, with small files in their place."""

from pathlib import Path

import numpy as np
import pytest

from mytorch.datasets import load
from mytorch.datasets.mnist import read
from mytorch.system.errors import DataMissing
from tests.support import mirrors as answer
from tests.support.mirrors import Mirror
from tests.support.standins import ARRAYS, FILES, NAMES, put, put_all, visible

NAME = NAMES[0]
FILE = FILES[NAME]
pytestmark = pytest.mark.usefixtures("folders")


@pytest.mark.parametrize("place", ["chosen", "checkout", "cache"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_file_is_found_in_each_place(place: str, packed: bool, folders: dict[str, Path]) -> None:
    put_all(folders[place], packed)
    for name in NAMES:
        assert np.array_equal(read(FILES[name]), ARRAYS[name])


def test_load_puts_the_four_files_together(folders: dict[str, Path]) -> None:
    put_all(folders["chosen"])
    (x, y), _, (test_x, test_y) = load("mnist")
    for images, pixels in (("train-images", x), ("t10k-images", test_x)):
        assert np.array_equal(pixels * 255, ARRAYS[f"{images}-idx3-ubyte"].reshape(-1, 9))
    for labels, digits in (("train-labels", y), ("t10k-labels", test_y)):
        assert np.array_equal(digits.argmax(axis=1), ARRAYS[f"{labels}-idx1-ubyte"])


def test_the_chosen_folder_comes_first(folders: dict[str, Path]) -> None:
    put(folders["chosen"], NAME)
    put(folders["cache"], NAME, content=b"never read")
    assert np.array_equal(read(FILE), ARRAYS[NAME])


@pytest.mark.parametrize("how", ["a file in the folder's place", "a link to nothing"])
def test_what_is_not_there_is_looked_for_elsewhere(how: str, folders: dict[str, Path]) -> None:
    if how == "a link to nothing":
        folders["chosen"].mkdir(parents=True)
        (folders["chosen"] / NAME).symlink_to("nowhere")
    else:
        folders["chosen"].parent.mkdir()
        folders["chosen"].write_bytes(b"")
    with pytest.raises(DataMissing):
        read(FILE)
    put(folders["cache"], NAME)
    assert np.array_equal(read(FILE), ARRAYS[NAME])


def test_a_checkout_that_cannot_be_written_leaves_the_cache(
    folders: dict[str, Path], mirror: Mirror
) -> None:
    folders["checkout"].write_bytes(b"a file where the folder should be")
    mirror(answer.good)
    assert np.array_equal(read(FILE), ARRAYS[NAME])
    assert visible(folders["cache"]) == [f"{NAME}.gz"]


def test_no_place_to_keep_it_does_not_stop_the_download(
    folders: dict[str, Path], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But whoever runs it hears that it will be downloaded again and again, and why."""
    folders["checkout"].write_bytes(b"")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "")
    mirror(answer.good)
    with pytest.warns(UserWarning, match="could not be kept for the next time") as caught:
        assert np.array_equal(read(FILE), ARRAYS[NAME])
    (warning,) = caught
    message = str(warning.message)
    assert f"  {folders['checkout'] / NAME}.gz: " in message
    assert "set MYTORCH_DATA to a folder that has the four files" in message


def test_without_any_place_the_message_still_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, mirror: Mirror
) -> None:
    for name, value in (("HOME", ""), ("XDG_CACHE_HOME", ""), ("MYTORCH_DATA", "")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("mytorch.datasets.places.repository", lambda: None)
    with pytest.raises(DataMissing, match="Put the four files into a folder named mnist:") as info:
        read(FILE)
    assert str(info.value).endswith(
        "\nand set MYTORCH_DATA to a folder that has them in its subfolder mnist."
    )
    mirror(answer.good)
    with pytest.warns(UserWarning, match="neither HOME nor XDG_CACHE_HOME names a folder"):
        assert np.array_equal(read(FILE), ARRAYS[NAME])
