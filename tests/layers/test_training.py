"""Training and evaluation: what the figures are, in which order samples come, which mode is set."""

from typing import Any

import numpy as np
import pytest

from mytorch import MLP, Identity, ReLU, SoftmaxCrossEntropy
from mytorch.datasets import Dataset
from mytorch.initializers import zeros_bias_init
from mytorch.training import evaluate, get_training_stats, train_epochs
from tests.support.layers import xavier
from tests.support.training import dataset, network, plain_figures


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
