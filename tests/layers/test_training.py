"""Training statistics, evaluation and stored weights."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import MLP, Identity, ReLU, Sigmoid, SoftmaxCrossEntropy
from mytorch.datasets import DataError, Dataset
from mytorch.initializers import zeros_bias_init
from mytorch.training import (
    evaluate,
    get_training_stats,
    load_weights,
    save_weights,
    train_epochs,
)
from tests.conftest import ROOT
from tests.support.layers import xavier


def network(lr: float = 0.1, bn: int = 0, seed: int = 0, **changes: Any) -> MLP:
    return MLP(
        4, 3, [5], [Sigmoid(), Identity()], xavier(seed), zeros_bias_init,
        SoftmaxCrossEntropy(), lr, 0.9, bn, **changes,
    )  # fmt: skip


def dataset(rows: int = 23, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)

    def part(n: int) -> Any:
        labels = rng.integers(0, 3, n)
        return np.eye(4)[labels] + 0.3 * rng.normal(size=(n, 4)), np.eye(3)[labels]

    return part(rows), part(10), part(7)


def plain_figures(mlp: MLP, x: Any, y: Any) -> tuple[float, float]:
    """Mean loss and error fraction of a network without batch norm, by NumPy expressions."""
    logits = 1 / (1 + np.exp(-(x @ mlp.W[0] + mlp.b[0]))) @ mlp.W[1] + mlp.b[1]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.log((p * y).sum(axis=1)).mean()
    return loss, float((p.argmax(axis=1) != y.argmax(axis=1)).mean())


@pytest.mark.parametrize("batch_size", [1, 5, 23, 1000])
def test_the_figures_are_means_over_all_samples(batch_size: int) -> None:
    """With a learning rate of 0 nothing moves, and every batch size gives the same figures.

    23 is no multiple of 5: the last, smaller batch counts.
    """
    mlp, dset = network(lr=0), dataset()
    stats = get_training_stats(mlp, dset, 2, batch_size)
    assert [curve.shape for curve in stats] == [(2,)] * 4
    for (loss, error), part in ((stats[:2], dset[0]), (stats[2:], dset[1])):
        expected_loss, expected_error = plain_figures(mlp, *part)
        np.testing.assert_allclose(loss, [expected_loss] * 2, rtol=1e-12)
        np.testing.assert_allclose(error, [expected_error] * 2, rtol=1e-12)


def test_validation_comes_after_the_epoch_and_training_figures_while_learning() -> None:
    mlp, dset = network(lr=0.05), dataset(200)
    before = plain_figures(mlp, *dset[0])
    training, _, validation, _ = get_training_stats(mlp, dset, 1, 5)
    assert validation[0] == pytest.approx(plain_figures(mlp, *dset[1])[0])
    assert plain_figures(mlp, *dset[0])[0] < training[0] < before[0]


def test_one_epoch_is_the_plain_loop() -> None:
    """Forward, backward and step on batches in the order of np.random.shuffle."""
    mlp, by_hand, ((x, y), *_) = network(bn=1), network(bn=1), dataset()
    np.random.seed(3)
    get_training_stats(mlp, dataset(), 2, 5)
    np.random.seed(3)
    order = np.arange(23)
    for _ in range(2):
        np.random.shuffle(order)
        for start in range(0, 23, 5):
            rows = order[start : start + 5]
            by_hand.forward(x[rows])
            by_hand.backward(y[rows])
            by_hand.step()
    assert all(np.array_equal(a, b) for a, b in zip(mlp.W, by_hand.W, strict=True))
    assert np.array_equal(mlp.bn_layers[0].running_var, by_hand.bn_layers[0].running_var)


def test_every_epoch_sees_every_sample_once_in_a_new_order() -> None:
    mlp, seen = network(), []
    forward = mlp.forward

    def spy(x: Any) -> Any:
        if mlp.train_mode:
            seen.extend(x[:, 0].tolist())
        return forward(x)

    mlp.forward = spy  # type: ignore[method-assign]
    dset = dataset()
    get_training_stats(mlp, dset, 2, 5, rng=0)
    first, second = seen[:23], seen[23:]
    assert sorted(first) == sorted(second) == sorted(dset[0][0][:, 0])
    assert first != second


def test_a_seed_of_its_own_leaves_the_global_generator_alone() -> None:
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)
    results = [get_training_stats(network(), dataset(), 2, 5, rng=8) for _ in range(2)]
    assert np.array_equal(results[0], results[1])
    assert np.random.random() == expected


def test_evaluation_uses_running_statistics_and_changes_nothing() -> None:
    mlp, (train, *_) = network(bn=1), dataset(2500)
    get_training_stats(mlp, dataset(), 1, 5)
    bn = mlp.bn_layers[0]
    running = bn.running_mean.copy()
    loss, error = evaluate(mlp, *train)
    assert np.array_equal(bn.running_mean, running)
    assert mlp.train_mode
    # 2,500 rows go through in pieces; each row's loss depends on itself alone
    parts = [
        evaluate(mlp, train[0][i : i + 700], train[1][i : i + 700]) for i in (0, 700, 1400, 2100)
    ]
    np.testing.assert_allclose((loss, error), np.average(parts, axis=0, weights=[7, 7, 7, 4]))


def test_training_and_evaluation_set_the_mode_and_evaluation_puts_it_back() -> None:
    mlp = network(bn=1)
    before = mlp.bn_layers[0].running_mean.copy()
    mlp.eval()
    evaluate(mlp, *dataset()[0])
    assert not mlp.train_mode
    get_training_stats(mlp, dataset(), 1, 5)
    assert mlp.train_mode
    assert not np.array_equal(mlp.bn_layers[0].running_mean, before)


def test_the_curves_go_down(digits: Dataset) -> None:
    mlp = MLP(
        64, 10, [32], [ReLU(), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 0.05, 0.9,
    )  # fmt: skip
    stats = get_training_stats(mlp, digits, 5, 50, rng=0)
    assert all(curve[-1] < 0.5 * curve[0] for curve in stats)
    assert stats[3][-1] < 0.06


def test_no_epochs_give_empty_curves() -> None:
    assert [curve.shape for curve in get_training_stats(network(), dataset(), 0, 5)] == [(0,)] * 4


def test_epochs_are_handed_out_as_they_end() -> None:
    mlp, dset = network(), dataset()
    epochs = train_epochs(mlp, dset, 3, 5)
    first = next(epochs)
    assert first.validation_loss == pytest.approx(plain_figures(mlp, *dset[1])[0])
    assert first._fields == (
        "training_loss",
        "training_error",
        "validation_loss",
        "validation_error",
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("which", [0, 1])
def test_data_that_is_not_finite_is_refused(bad: float, part: int, which: int) -> None:
    dset = dataset()
    dset[part][which][4, 2] = bad
    name = f"{('training', 'validation')[part]} {('data', 'labels')[which]}"
    message = f"expected finite numbers as {name}, got {bad} in row 4, column 2"
    with pytest.raises(ValueError, match=message):
        get_training_stats(network(), dset, 1, 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_leaves_the_numbers_is_named_by_epoch_and_batch(bad: float) -> None:
    mlp, seen = network(), 0
    backward = mlp.backward

    def spy(labels: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == 5 + 3:  # 5 batches in the first epoch
            mlp.criterion.derivative = lambda: np.zeros((5, 3))
            mlp.criterion.forward = lambda x, y: setattr(mlp.criterion, "loss", np.full(5, bad))
        return backward(labels)

    mlp.backward = spy  # type: ignore[method-assign]
    with pytest.raises(FloatingPointError, match=f"loss is {bad} in epoch 2, batch 3; a smaller"):
        get_training_stats(mlp, dataset(), 3, 5)


def test_a_learning_rate_far_too_large_ends_in_that_sentence() -> None:
    mlp = MLP(
        4, 3, [5], [ReLU(), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 1e200, 0.9,
    )  # fmt: skip
    with pytest.raises(FloatingPointError, match=r"the loss is (nan|inf) in epoch 1, batch \d"):
        get_training_stats(mlp, dataset(), 3, 5)


def test_a_validation_loss_that_leaves_the_numbers_is_named_too() -> None:
    """One batch: its loss is still finite, and the step after it is far too large."""
    mlp = MLP(
        4, 3, [5], [ReLU(), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 1e200, 0.9,
    )  # fmt: skip
    with pytest.raises(FloatingPointError, match=r"validation loss is (nan|inf) after epoch 1"):
        get_training_stats(mlp, dataset(), 1, 1000)


def test_arguments_of_another_kind_are_refused() -> None:
    for arguments in ((dataset(), 2.0, 5), (dataset(), 2, "5")):
        with pytest.raises(TypeError, match=r"expected a whole number as (nepochs|batch_size)"):
            get_training_stats(network(), *arguments)
    with pytest.raises(ValueError, match=r"expected dset \(\(x, y\), \(x, y\), \(x, y\)\)"):
        get_training_stats(network(), dataset()[:1], 1, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, "expected batch_size of at least 1, got 0"),
        ({"nepochs": -1}, "expected nepochs of at least 0, got -1"),
        ({"x": np.ones((23, 5))}, r"expected training data \(batch, 4\), got \(23, 5\)"),
        ({"y": np.ones((22, 3))}, r"expected training labels \(23, 3\), got \(22, 3\)"),
        (
            {"y": np.ones(23, int)},
            r"\(23,\); for class numbers use datasets.one_hot\(labels, 3\)",
        ),
        ({"x": np.ones((0, 4))}, "empty batch"),
    ],
)
def test_impossible_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    train, *rest = dataset()
    x, y = change.get("x", train[0]), change.get("y", train[1])
    with pytest.raises(ValueError, match=message):
        get_training_stats(
            network(), ((x, y), *rest), change.get("nepochs", 1), change.get("batch_size", 5)
        )


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
        ("other network", "2.bias, 2.weight is missing in the state"),
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


PROGRAM = """
import numpy as np, sys
from tests.layers.test_training import *
get_training_stats(network(), dataset(), 2, 1)
print("tqdm" in sys.modules)
"""


def test_progress_is_silent_where_no_terminal_is(python: Callable[..., Any]) -> None:
    result = python("-c", PROGRAM, PYTHONPATH=str(ROOT))
    assert result.stdout == "False\n", result.stderr
    assert result.stderr == ""


def test_progress_is_shown_on_a_terminal() -> None:
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=child,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        os.close(child)
        shown = b""
        while True:
            try:
                chunk = os.read(parent, 4096)
            except OSError:  # the other end was closed
                break
            if not chunk:
                break
            shown += chunk
        assert process.stdout is not None
        assert process.stdout.read() == "True\n"
    os.close(parent)
    assert b"epoch 1:" in shown
    assert b"epoch 2:" in shown
    assert b"/23" in shown
