"""Weights in a file: they come back as they were, and a file that does not fit is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import DataError
from mytorch.training import get_training_stats, load_weights, save_weights
from tests.support.training import dataset, network


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_survive_the_disk(tmp_path: Path, dtype: Any) -> None:
    mlp, other = network(bn=2, dtype=dtype), network(bn=2, seed=1, dtype=dtype)
    get_training_stats(mlp, dataset(), 2, 5)
    save_weights(mlp, tmp_path / "weights.npz")
    load_weights(other, tmp_path / "weights.npz")
    mlp.eval()
    other.eval()
    x = dataset()[0][0]
    assert np.array_equal(mlp.forward(x), other.forward(x))
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as file:
        assert set(file.files) == {
            *("0.weight", "0.bias", "3.weight", "3.bias"),
            *(
                f"{i}.{n}"
                for i in (1, 4)
                for n in ("weight", "bias", "running_mean", "running_var")
            ),
        }
        assert {file[name].dtype for name in file.files} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("missing", "No such file or directory"),
        ("empty", "damaged"),
        ("truncated", "damaged"),
        ("flipped", "damaged"),
        ("a pickle", "damaged"),
        ("a plain array", "damaged"),
        ("other network", "2.bias, 2.weight are missing in the state"),
        ("other size", r"expected 0.weight \(5, 4\), got \(5, 5\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, damage: str, message: str) -> None:
    mlp, path = network(), tmp_path / "weights.npz"
    save_weights(mlp, path)
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "truncated":
        path.write_bytes(content[:-100])
    elif damage == "flipped":
        path.write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
    elif damage == "a pickle":
        np.savez(path, W0=np.array([{}], dtype=object))
    elif damage == "a plain array":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    elif damage == "other network":
        np.savez(path, **{"0.weight": mlp.W[0].T, "0.bias": mlp.b[0][0]})
    else:
        np.savez(path, **{**mlp.state_dict(), "0.weight": np.ones((5, 5))})
    before = [w.copy() for w in mlp.W]
    with pytest.raises(DataError, match=message) as info:
        load_weights(mlp, path)
    assert str(path) in str(info.value)
    assert all(np.array_equal(a, b) for a, b in zip(before, mlp.W, strict=True))


def test_a_write_that_fails_leaves_the_old_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights.npz"
    save_weights(network(), path)
    content = path.read_bytes()

    def full_disk(file: Any, **_: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_weights(network(seed=1), path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]
