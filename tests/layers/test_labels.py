"""Labels: what a criterion and a training run take, and what they answer to anything else."""

import re
from typing import Any

import numpy as np
import pytest

from mytorch import L2, MLP, CrossEntropy, Identity, Linear, Network, Softmax, SoftmaxCrossEntropy
from mytorch.datasets import one_hot
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.optim import SGD
from mytorch.training import evaluate, get_training_stats

X = np.random.default_rng(0).normal(size=(6, 4))
CLASSES = np.array([0, 1, 2, 2, 1, 0])


def network(columns: int, criterion: Any, last: Any = None) -> MLP:
    last = last or (Softmax() if isinstance(criterion, CrossEntropy) else Identity())
    return MLP(
        4, columns, [], [last], random_normal_weight_init, zeros_bias_init, criterion, lr=0.1
    )


def trained(columns: int, criterion: Any, labels: Any, last: Any = None) -> Any:
    dset = ((X, labels),) * 3
    return get_training_stats(network(columns, criterion, last), dset, 2, 3)


@pytest.mark.parametrize("cls", [SoftmaxCrossEntropy, CrossEntropy])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((6, 3)), "got a sum of 0 in row 0"),
        (np.ones((6, 3)), "got a sum of 3 in row 0"),
        (np.vstack([np.eye(3), np.eye(3) * 0.9]), "got a sum of 0.9 in row 3"),
        (2 * one_hot(CLASSES, 3) - 1, "got a sum of -1 in row 0"),
        (np.tile([2.0, -1.0, 0.0], (6, 1)), "got a sum of 1 in row 0"),
    ],
)
def test_training_refuses_rows_that_are_no_shares(cls: Any, labels: Any, message: str) -> None:
    """Its derivative Y - D is not the gradient of their loss (000 app. A)."""
    with pytest.raises(ValueError, match=f"rows are at least 0 and sum to 1.*{message}"):
        trained(3, cls(), labels)
    layered = Network([Linear(4, 3, random_normal_weight_init, zeros_bias_init)], L2(), SGD())
    assert len(get_training_stats(layered, ((X, labels),) * 3, 1, 3)[0]) == 1


def test_training_takes_shares() -> None:
    soft = np.full((6, 3), 1 / 3, np.float32)
    for cls in (SoftmaxCrossEntropy, CrossEntropy):
        for labels in (soft, one_hot(CLASSES, 3), np.full((6, 3), 1 / 3 + 1e-5)):
            assert np.isfinite(trained(3, cls(), labels)).all()


@pytest.mark.parametrize("cls", [SoftmaxCrossEntropy, CrossEntropy])
def test_negative_labels_are_refused_anywhere(cls: Any) -> None:
    mlp, labels = network(3, cls()), 2 * one_hot(CLASSES, 3) - 1
    mlp.forward(X)
    for call in (
        mlp.backward, mlp.total_loss, lambda y: cls()(np.full((6, 3), 1 / 3), y),
        lambda y: evaluate(mlp, X, y),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"expected labels of at least 0.*got -1"):
            call(labels)
    assert L2()(np.zeros((6, 3)), labels).tolist() == [1.5] * 6


def test_labels_of_the_walk_through_have_their_derivative() -> None:
    """001 §4.2 computes with rows that do not sum to one."""
    criterion = SoftmaxCrossEntropy()
    criterion(np.zeros((1, 2)), [[5.0, 13.0]])
    assert criterion.derivative().tolist() == [[-4.5, -12.5]]


@pytest.mark.parametrize(
    ("criterion", "last"),
    [(SoftmaxCrossEntropy(), None), (CrossEntropy(), None), (L2(), Softmax())],
)
def test_a_softmax_of_one_output_is_not_trained(criterion: Any, last: Any) -> None:
    with pytest.raises(ValueError, match="at least two outputs to train a softmax, got one"):
        trained(1, criterion, np.ones((6, 1)), last)
    assert np.isfinite(trained(1, L2(), np.ones((6, 1)))[0]).all()


@pytest.mark.parametrize("dtype", [int, np.uint8, float, bool])
@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("criterion", [SoftmaxCrossEntropy(), L2()])
@pytest.mark.parametrize("asked", ["criterion", "error", "training"])
def test_the_remedy_for_class_numbers_gives_the_labels(
    dtype: Any, column: bool, criterion: Any, asked: str
) -> None:
    numbers = CLASSES % 2 if dtype is bool else CLASSES
    labels = numbers.astype(dtype).reshape((-1, 1) if column else -1)
    mlp = network(3, criterion)
    mlp.forward(X)
    calls: Any = {
        "criterion": lambda y: criterion(mlp.output, y),
        "error": mlp.error,
        "training": lambda y: trained(3, criterion, y),
    }
    call = calls[asked]
    with pytest.raises(ValueError, match="for class numbers use") as error:
        call(labels)
    use, after = re.search(r"use datasets\.(.*?)(?: after (.*))?$", str(error.value)).groups()
    space = {"one_hot": one_hot, "np": np, "labels": labels}
    exec(after or "", space)
    rows = eval(use, space)
    assert rows.tolist() == np.eye(3)[numbers].tolist()
    call(rows)


@pytest.mark.parametrize("asked", ["criterion", "training"])
def test_the_remedy_for_one_column_keeps_the_numbers(asked: str) -> None:
    """It was `one_hot(labels, 1)`, which refuses them or makes ones of them."""
    targets, mlp = np.linspace(0, 5, 6), network(1, L2())
    call: Any = (lambda y: L2()(mlp(X), y)) if asked == "criterion" else None
    call = call or (lambda y: trained(1, L2(), y))
    with pytest.raises(ValueError, match=r"; for one column use np.reshape\(labels, \(-1, 1\)\)$"):
        call(targets)
    assert np.reshape(targets, (-1, 1)).ravel().tolist() == targets.tolist()
    call(np.reshape(targets, (-1, 1)))


@pytest.mark.parametrize(
    ("labels", "end"),
    [
        (np.linspace(0, 1, 6), r"got \(6,\)$"),
        (CLASSES + 1, "class numbers are from 0 to 2$"),
        (CLASSES - 1, "class numbers are from 0 to 2$"),
        (np.ones((6, 2)), r"got \(6, 2\)$"),
        (np.full(6, np.nan), r"got \(6,\)$"),
    ],
)
def test_no_remedy_is_given_where_none_is_known(labels: Any, end: str) -> None:
    with pytest.raises(ValueError, match=end):
        SoftmaxCrossEntropy()(np.zeros((6, 3)), labels)


def test_a_column_of_class_numbers_becomes_rows() -> None:
    assert one_hot([[2], [0]], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(ValueError, match=r"expected labels \(N,\), got \(2, 2\)"):
        one_hot(np.ones((2, 2), int), 3)


def test_what_a_criterion_keeps_is_never_of_an_older_batch() -> None:
    mlp = network(3, SoftmaxCrossEntropy())
    labels = one_hot(CLASSES, 3)
    mlp.forward(X)
    mlp.backward(labels)
    assert np.allclose(mlp.criterion.probabilities.sum(axis=1), 1)
    mlp.forward(X[:2])
    for name in ("probabilities", "loss", "labels", "logits"):
        assert getattr(mlp.criterion, name) is None
    with pytest.raises(RuntimeError, match="call forward first"):
        mlp.criterion.derivative()
    mlp.total_loss(labels[:2])
    e = np.exp(mlp.output)
    np.testing.assert_allclose(mlp.criterion.probabilities, e / e.sum(axis=1, keepdims=True))
