"""Criteria against another engine, against finite differences and at their limits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mytorch import (
    L2,
    Criterion,
    CrossEntropy,
    Linear,
    Network,
    ProbabilityCrossEntropy,
    Softmax,
    SoftmaxCrossEntropy,
)
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from tests.conftest import Arrays

CRITERIA = (SoftmaxCrossEntropy, CrossEntropy, L2)
every_criterion = pytest.mark.parametrize("cls", CRITERIA)


def test_another_engine_gives_the_same(references: Callable[[str], Arrays]) -> None:
    stored = references("losses")
    softmax = SoftmaxCrossEntropy()
    loss = softmax(stored["logits"], stored["labels"])
    np.testing.assert_allclose(loss, stored["cross_entropy"], rtol=1e-12)
    np.testing.assert_allclose(
        softmax.derivative(), stored["cross_entropy_grad"], rtol=1e-12, atol=1e-15
    )
    half = L2()
    np.testing.assert_allclose(half(stored["output"], stored["labels"]), stored["l2"], rtol=1e-13)
    np.testing.assert_allclose(half.derivative(), stored["l2_grad"], rtol=1e-13)


@every_criterion
@given(
    batch=st.integers(1, 6),
    classes=st.integers(1, 5),
    magnitude=st.sampled_from([1e-2, 1.0, 5.0]),
    one_hot=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_derivative_agrees_with_finite_differences(
    cls: type[Criterion], batch: int, classes: int, magnitude: float, one_hot: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.dirichlet(np.ones(classes), batch)
    if one_hot:
        labels = np.eye(classes)[labels.argmax(axis=1)]
    report = gradcheck(cls(), rng.normal(0, magnitude, (batch, classes)), labels)
    assert report, report


def test_a_derivative_for_probabilities_and_the_softmax_in_front() -> None:
    """003 question 1.1: -y / x, and the chain of two passes is the one pass of 001 §3.2.2."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(4, 3)), np.eye(3)[[0, 2, 1, 2]]
    softmax, criterion = Softmax(), ProbabilityCrossEntropy()
    x = softmax(logits)
    assert gradcheck(criterion, x, labels)
    criterion(x, labels)
    assert np.allclose(softmax.backward(criterion.derivative()), x - labels, rtol=0, atol=1e-14)
    gradients = []
    for cls in (CrossEntropy, ProbabilityCrossEntropy):
        linear = Linear(3, 3, lambda n, m: np.eye(n), zeros_bias_init)
        network = Network([linear, Softmax()], cls())
        network.forward(logits)
        network.backward(labels)
        gradients.append(linear.dW)
    assert np.allclose(gradients[0], gradients[1], rtol=0, atol=1e-14)
    assert criterion([[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]).tolist() == [np.inf]
    assert criterion.derivative().tolist() == [[0, -np.inf, 0]]
    criterion([[1.0, 5e-324, 0.0]], [[0.0, 1.0, 0.0]])
    assert criterion.derivative().tolist() == [[0, -np.inf, 0]]  # beyond the range of the dtype


def test_the_walk_through_by_hand() -> None:
    """001 §2.3.1 and §3.2.2; the half squared distance of its sanity check is 1.5, not 1.0."""
    assert L2()([[1, 2, 3]], [[2, 3, 4]]).tolist() == [1.5]
    assert L2()([[1544, 905]], [[1540, 900]]).tolist() == [20.5]
    criterion = CrossEntropy()
    for c, p in enumerate((0.2, 0.3, 0.5)):
        label = np.eye(3)[[c]]
        assert criterion([[0.2, 0.3, 0.5]], label)[0] == -np.log(p)
        assert criterion.derivative().tolist() == ([[0.2, 0.3, 0.5]] - label).tolist()


def test_one_loss_and_one_gradient_per_row() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 4)), np.eye(4)[rng.integers(0, 4, 6)]
    for criterion in (SoftmaxCrossEntropy(), L2()):
        together, gradient = criterion(x, y), criterion.derivative()
        assert together.shape == (6,)
        for i in range(6):
            assert criterion(x[[i]], y[[i]])[0] == pytest.approx(together[i], rel=1e-15)
            np.testing.assert_allclose(criterion.derivative()[0], gradient[i], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, 1e30, 3e38, 1.7e308])
def test_no_finite_logits_give_a_warning_or_nan(dtype: Any, size: float) -> None:
    largest = float(np.finfo(dtype).max)
    size = min(size, largest)
    x = np.array([[size, -size, 0], [-size, -size, -size]], dtype)
    criterion = SoftmaxCrossEntropy()
    right = criterion(x, np.array([[1, 0, 0], [1, 0, 0]], dtype))
    np.testing.assert_allclose(right, [0, np.log(3)], rtol=1e-6)
    assert criterion.derivative().dtype == right.dtype == dtype
    assert np.isfinite(criterion.derivative()).all()
    # the wrong class costs what the logits differ, as far as the dtype reaches
    wrong = float(criterion(x[:1], [[0, 1, 0]])[0])
    assert wrong == pytest.approx(min(2 * size, largest), rel=1e-6)


def test_labels_that_are_no_distribution_still_give_the_difference() -> None:
    """001 §4.2 trains with labels [5, 13] and prints these."""
    criterion = SoftmaxCrossEntropy()
    assert criterion([[0.0, 0.0]], [[5, 13]])[0] == pytest.approx(12.47664925, abs=5e-9)
    assert criterion.derivative().tolist() == [[-4.5, -12.5]]


def test_a_probability_of_zero() -> None:
    criterion = CrossEntropy()
    assert criterion([[0.0, 1.0]], [[0, 1]]).tolist() == [0.0]
    assert criterion([[0.0, 1.0]], [[1, 0]]).tolist() == [np.inf]


@pytest.mark.parametrize("x", [[[-0.1, 1.1]], [[3.0, 2.0]]])
def test_logits_where_probabilities_belong_are_refused(x: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="expected probabilities from 0 to 1, got numbers from"):
        CrossEntropy()(x, [[1, 0]])


@every_criterion
def test_what_is_kept(cls: type[Criterion]) -> None:
    criterion = cls()
    assert criterion.logits is criterion.labels is criterion.loss is None
    x, y = np.array([[0.25, 0.75]]), np.array([[0, 1]])
    loss = criterion(x, y)
    assert criterion.loss is loss
    assert np.array_equal(criterion.logits, x)  # type: ignore[arg-type]
    assert np.array_equal(criterion.labels, y)  # type: ignore[arg-type]
    first = criterion.derivative()
    criterion.derivative()[...] = 99
    assert np.array_equal(first, criterion.derivative())


@every_criterion
@pytest.mark.parametrize(
    ("x_shape", "y_shape", "message"),
    [
        ((5, 3), (5,), r"got \(5,\); for class numbers use datasets.one_hot\(labels, 3\)"),
        ((5, 3), (5, 1), r"for class numbers use datasets.one_hot\(labels, 3\)"),
        ((5, 3), (4, 3), r"expected labels of the output's shape \(5, 3\), got \(4, 3\)$"),
        ((3,), (3,), r"expected the network's output as \(batch, n\).*got \(3,\)"),
        ((0, 3), (0, 3), r"at least one row and one column, got \(0, 3\)"),
    ],
)
def test_shapes_that_do_not_match_are_refused(
    cls: type[Criterion], x_shape: tuple[int, ...], y_shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        cls()(np.zeros(x_shape), np.zeros(y_shape))


@every_criterion
def test_derivative_before_forward_is_refused(cls: type[Criterion]) -> None:
    with pytest.raises(RuntimeError, match="derivative was called before forward"):
        cls().derivative()


def test_the_base_class_computes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Criterion()([[1.0]], [[1.0]])
    with pytest.raises(NotImplementedError):
        Criterion().derivative()
