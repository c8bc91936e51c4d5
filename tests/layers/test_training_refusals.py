"""What training refuses: other arguments, data and losses that are not finite."""

from typing import Any

import numpy as np
import pytest

from mytorch import L2, MLP, Identity, ReLU, SoftmaxCrossEntropy
from mytorch.datasets import normalize_columns
from mytorch.initializers import zeros_bias_init
from mytorch.training import get_training_stats
from tests.support.layers import xavier
from tests.support.training import dataset, network


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
            mlp.criterion.forward = lambda x, y: np.full(5, bad)
        return backward(labels)

    mlp.backward = spy  # type: ignore[method-assign]
    with pytest.raises(FloatingPointError, match=f"loss is {bad} in epoch 2, batch 3; a smaller"):
        get_training_stats(mlp, dataset(), 3, 5)


@pytest.mark.parametrize("part", [0, 1])
def test_where_no_step_was_taken_no_learning_rate_is_blamed(part: int) -> None:
    """What is advised there works: numbers of another size."""
    (x, y), *others = dataset()
    huge = (x * 2.0**600, y) if part == 0 else (x, y * 2.0**600)
    mlp = MLP(4, 3, [5], [ReLU(), Identity()], xavier(0), zeros_bias_init, L2(), 0.01)
    with pytest.raises(FloatingPointError, match=r"in epoch 1, batch 1, before any step; scale"):
        get_training_stats(mlp, (huge, *others), 1, 5)
    if part == 0:
        scaled = normalize_columns((huge, *others))
        assert np.isfinite(get_training_stats(mlp, (scaled[0], *others), 1, 5)[0]).all()


def far_too_fast() -> MLP:
    return MLP(
        4, 3, [5], [ReLU(), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 1e200, 0.9,
    )  # fmt: skip


def test_a_learning_rate_far_too_large_ends_in_that_sentence() -> None:
    mlp = far_too_fast()
    with pytest.raises(FloatingPointError, match=r"the loss is (nan|inf) in epoch 1, batch \d"):
        get_training_stats(mlp, dataset(), 3, 5)


def test_a_validation_loss_that_leaves_the_numbers_is_named_too() -> None:
    """One batch: its loss is still finite, and the step after it is far too large."""
    mlp = far_too_fast()
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
