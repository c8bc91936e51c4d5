"""Writing where the disk is full or the folder is missing.

A limit on the size of files (RLIMIT_FSIZE) stands for the full disk: the kernel refuses the bytes
in the middle of a file, as it does there.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mytorch import MLP, Identity, SoftmaxCrossEntropy
from mytorch.datasets.mnist import read
from mytorch.initializers import zeros_bias_init
from mytorch.system.atomic import replacing
from mytorch.training import load_weights, save_weights
from tests.conftest import ROOT
from tests.support import mirrors as answer
from tests.support.layers import xavier
from tests.support.mirrors import Mirror
from tests.support.standins import ARRAYS, FILES, NAMES, PACKED, visible
from tests.support.waiting import LIMIT

resource = pytest.importorskip("resource", reason="Windows has no limit on the size of files")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def network(seed: int) -> MLP:
    return MLP(40, 50, [], [Identity()], xavier(seed), zeros_bias_init, SoftmaxCrossEntropy(), 0.1)


@pytest.mark.parametrize("room", [0, 1, 100, 5000, 16_000, -1])
def test_weights_that_find_no_room_leave_the_old_ones(room: int, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    save_weights(network(0), path)
    content = path.read_bytes()
    with room_for(room if room >= 0 else len(content) - 1), pytest.raises(OSError) as info:
        save_weights(network(1), path)
    assert info.value.errno == errno.EFBIG
    assert info.value.filename == str(path)
    assert str(info.value).endswith(
        "File too large; this file was not written: free some space there or choose another "
        f"folder: '{path}'"
    )
    assert path.read_bytes() == content
    assert visible(tmp_path) == ["weights.npz"]
    restored = network(2)
    load_weights(restored, path)
    assert np.array_equal(restored.W[0], network(0).W[0])


def test_a_disk_that_is_full_at_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network drives take the bytes and say only at the end that they have no room for them."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "weights.npz"
    with pytest.raises(OSError, match="No space left on device; this file was not written: free"):
        save_weights(network(0), path)
    assert visible(tmp_path) == []


@pytest.mark.parametrize(
    ("place", "kind", "message"),
    [
        ("missing/it", FileNotFoundError, "make its folder first"),
        ("file/it", NotADirectoryError, "choose a folder, not a file, to put it into"),
        ("folder", IsADirectoryError, "choose another name, or move that folder away"),
        ("x" * 300, OSError, "choose another place for it"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(
    place: str, kind: type[OSError], message: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(kind) as info, replacing(tmp_path / place) as file:
        file.write(b"x")
    assert info.value.filename == str(tmp_path / place)
    assert str(info.value.strerror).endswith(f"; this file was not written: {message}")
    assert visible(tmp_path) == ["file", "folder"]
    assert visible(tmp_path / "folder") == []


def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """Nor is a device: root may do both, and would replace /dev/null."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(FileExistsError) as info, replacing(path) as file:
            file.write(b"x")
        assert info.value.filename == str(pipe)
        assert "not a file; this file was not written: choose another name" in str(info.value)
    assert pipe.is_fifo()
    assert visible(tmp_path) == ["link", "pipe"]


def test_an_error_about_another_file_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as info, replacing(tmp_path / "it"):
        (tmp_path / "something else").read_bytes()
    assert info.value.filename == str(tmp_path / "something else")
    assert info.value.strerror == os.strerror(errno.ENOENT)
    assert visible(tmp_path) == []


@pytest.mark.parametrize("room", [0, 10, 60])
@pytest.mark.usefixtures("folders")
def test_a_download_that_finds_no_room_is_used_and_says_so(
    room: int, folders: dict[str, Path], mirror: Mirror
) -> None:
    mirror(answer.good)
    for name in NAMES:
        if len(PACKED[name]) <= room:
            continue
        with room_for(room), pytest.warns(UserWarning, match="could not be kept") as caught:
            assert np.array_equal(read(FILES[name]), ARRAYS[name])
        (warning,) = caught
        lines = str(warning.message).splitlines()
        assert lines == [
            f"MNIST's {name} was downloaded, but could not be kept for the next time:",
            *(
                f"  {folders[place] / name}.gz: File too large; this file was not written: free "
                f"some space there or choose another folder"
                for place in ("checkout", "cache")
            ),
            "Make it possible to write there, or set MYTORCH_DATA to a folder that has the four "
            "files in its subfolder mnist. Until then every run downloads the file again.",
        ]
        assert visible(folders["checkout"]) == visible(folders["cache"]) == []


def test_the_training_script_names_the_file_that_found_no_room(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    result = subprocess.run(
        # -B: Python would leave bytecode of its own that is cut off, and could not import it from
        # then on
        [sys.executable, "-B", ROOT / "hw1" / "train.py", "--data", "digits", "--epochs", "1",
         "--output", tmp_path],
        capture_output=True, text=True, timeout=LIMIT, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr == (
        f"train.py: {tmp_path / 'weights.npz'}: File too large; this file was not written: free "
        f"some space there or choose another folder\n"
    )
    assert visible(tmp_path) == ["stats.json"]
    assert (tmp_path / "stats.json").read_bytes().endswith(b"}\n")
