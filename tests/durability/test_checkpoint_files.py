"""Checkpoint files that are damaged, cut short, foreign or of the future, and saves that fail."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import checkpoint
from mytorch.checkpoint import load_checkpoint, save_checkpoint
from mytorch.datasets import DataError
from mytorch.training import save_weights
from tests.durability.test_checkpoint import everything, mlp, module, train_mlp
from tests.durability.test_full_disk import room_for
from tests.support.standins import visible


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Any, Path, bytes]:
    """A network, and the file and the bytes of its checkpoint."""
    net = mlp(1)
    train_mlp(net, 0, 2)
    net.save(tmp_path / "it.npz")
    return net, tmp_path / "it.npz", (tmp_path / "it.npz").read_bytes()


def test_every_changed_byte_is_noticed(saved: tuple[Any, Path, bytes]) -> None:
    net, path, content = saved
    before = everything(net)
    random = np.random.default_rng(0)
    ends = [*range(100), *range(len(content) - 300, len(content))]
    for place in [*ends, *map(int, random.integers(len(content), size=400))]:
        changed = bytearray(content)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        with pytest.raises(DataError) as info:
            net.load(path)
        assert str(info.value).startswith(f"{path}: ")
        assert "\n" not in str(info.value)
    assert everything(net) == before


def test_every_length_of_a_file_cut_short_is_noticed(saved: tuple[Any, Path, bytes]) -> None:
    net, path, content = saved
    lengths = {*range(0, len(content), 41), *range(80), *range(len(content) - 120, len(content))}
    for length in lengths:
        path.write_bytes(content[:length])
        with pytest.raises(DataError):
            net.load(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"damaged or cut short: .* take an earlier one"):
        net.load(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(DataError):
        net.load(path)
    path.write_bytes(content)
    net.load(path)


def test_the_checksum_notices_what_zip_does_not(saved: tuple[Any, Path, bytes]) -> None:
    """An archive that was changed and packed again is whole for everybody else."""
    net, path, _ = saved
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(again := io.BytesIO(), "w") as new:
        for name in old.namelist():
            data = bytearray(old.read(name))
            data[-1] ^= name.endswith("weight.npy")
            new.writestr(name, bytes(data))
        new.comment = old.comment
    path.write_bytes(again.getvalue())
    with np.load(path) as archive:
        assert len([archive[name] for name in archive.files]) > 5
    with pytest.raises(DataError, match="damaged"):
        net.load(path)


def test_foreign_files_are_called_what_they_are(tmp_path: Path) -> None:
    net, path = mlp(1), tmp_path / "it"
    before = everything(net)

    def refused() -> str:
        with pytest.raises(DataError) as info:
            net.load(path)
        assert everything(net) == before
        return str(info.value).removeprefix(f"{path}: ")

    assert refused() == "No such file or directory"
    save_weights(net, path)
    assert refused() == "no checkpoint, but another .npz; weights alone are read by load_weights"
    for content in (b"not a checkpoint", b"\x93NUMPY", bytes(5000), b"PK\x03\x04"):
        path.write_bytes(content)
        assert refused() == "no checkpoint; expected a file that save wrote"
    path.write_bytes(b"")
    assert refused() == "empty; expected a checkpoint"
    with open(path, "wb") as file:  # needs pickle, which would run whatever it says
        np.savez(file, **{"checkpoint.json": np.array([{}], object)})
    assert "no checkpoint" in refused() or "damaged" in refused()
    path.unlink()
    path.mkdir()
    assert refused() == "Is a directory"


def test_a_later_version_is_refused(
    saved: tuple[Any, Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    net, path, _ = saved
    monkeypatch.setattr(checkpoint.archive, "VERSION", 3)
    net.save(path)
    monkeypatch.undo()
    message = "a checkpoint of version 3, and this mytorch reads version 2; use the mytorch that"
    with pytest.raises(DataError, match=message):
        net.load(path)
    with np.load(path) as archive:
        header = json.loads(archive["checkpoint.json"].tobytes())
    np.savez(path, **{"checkpoint.json": np.frombuffer(json.dumps(header).encode(), np.uint8)})
    with pytest.raises(DataError, match=message):  # whatever checksum that version has
        net.load(path)


@pytest.mark.parametrize("wrong", [None, [], 3, "x", -1.0, {}, [[]], True])
def test_facts_that_no_network_has_end_in_a_sentence(tmp_path: Path, wrong: Any) -> None:
    """With a right checksum, but written by others: each fact in turn is something else."""
    for net in (mlp(1), module(1)):
        net.save(tmp_path / "it")
        kind = "a module" if hasattr(net, "modules") else "a network"
        arrays, facts = load_checkpoint(tmp_path / "it", kind)
        before = everything(net)
        own = facts.get("network", facts)
        for name, right in list(own.items()):
            fine = wrong == right or (name == "lr" and wrong is not True and wrong == 3)
            if fine or name in ("optimizer", "parameters"):  # these are of an optimizer
                continue
            own[name] = wrong
            save_checkpoint(tmp_path / "it", kind, arrays, facts)
            own[name] = right
            with pytest.raises(DataError, match="a checkpoint of another network than this"):
                net.load(tmp_path / "it")
        assert everything(net) == before


def test_saving_where_there_is_no_room_leaves_the_old_one(saved: tuple[Any, Path, bytes]) -> None:
    net, path, content = saved
    before = everything(net)
    train_mlp(net, 2, 4)
    for room in (0, 100, len(content) - 1):
        with room_for(room), pytest.raises(OSError, match="this file was not written: free some"):
            net.save(path)
        assert path.read_bytes() == content
        assert visible(path.parent) == [path.name]
    net.load(path)
    assert everything(net) == before


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_saving_that_fails_late_leaves_the_old_one(
    call: str, saved: tuple[Any, Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    net, path, content = saved
    train_mlp(net, 2, 4)

    def failing(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(KeyboardInterrupt):
        net.save(path)
    assert path.read_bytes() == content
    assert visible(path.parent) == [path.name]
