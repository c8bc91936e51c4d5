"""Batches, features and classes of one, columns that do not vary, and the ends of the range."""

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch import L2, MLP, BatchNorm, Identity, SoftmaxCrossEntropy
from mytorch.nn import BatchNorm1d, CrossEntropyLoss, Linear, Sequential
from mytorch.tensor import Tensor
from tests.numerics.bounds import exact, ulps
from tests.numerics.checking import assert_within, criterion_errors, errors
from tests.numerics.faces import FACES
from tests.numerics.oracle import rows, total

every_face = pytest.mark.parametrize("face", FACES)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def ends(dtype: npt.DTypeLike) -> Any:
    """Both zeros, the smallest and the largest numbers, their roots, and ordinary ones."""
    limits = np.finfo(dtype)
    root = np.sqrt(limits.max)
    sizes = [0, limits.smallest_subnormal, limits.tiny, 1 / root, 1, root, 2 * root, limits.max]
    return np.array([sign * size for size in sizes for sign in (1, -1)], dtype)


@every_face
@every_dtype
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_elementwise_at_the_ends(face: str, dtype: Any, name: str) -> None:
    x = ends(dtype)
    assert_within(errors(face, "elementwise", name, x, np.ones_like(x)), dtype)


@every_face
@every_dtype
def test_rows_at_the_ends(face: str, dtype: Any) -> None:
    x = np.array(list(product(ends(dtype), repeat=2)), dtype)
    classes = np.arange(len(x)) % 2
    assert_within(errors(face, "rows", x, np.ones_like(x), classes), dtype)
    assert_within(criterion_errors(x[:, :1], x[:, 1:], probabilities=False), dtype)


@every_face
@every_dtype
def test_batch_norm_at_the_ends(face: str, dtype: Any) -> None:
    """Each column is three of those numbers, all combinations of them."""
    x = np.array(list(product(ends(dtype), repeat=3)), dtype)[::5].T.copy()
    ones, zeros = np.ones(x.shape[1], dtype), np.zeros(x.shape[1], dtype)
    grad = np.repeat(np.array([[1.0], [-0.5], [0.25]], dtype), x.shape[1], axis=1)
    assert_within(errors(face, "batch_norm", x, ones, zeros, grad, 1e-8), dtype)


@every_dtype
@pytest.mark.parametrize("m", [1, 2, 3, 7, 100])
def test_a_constant_feature_becomes_the_shift(dtype: Any, m: int) -> None:
    """Exactly, at any size: 1e300 is further from its neighbours than eps can hide."""
    sizes = np.concatenate([ends(dtype), np.array([0.1, -1e-30, 1e16, 1e30, 1234.5], dtype)])
    x = np.tile(sizes, (m, 1))
    classic, modern = BatchNorm(len(sizes), dtype=dtype), BatchNorm1d(len(sizes), dtype=dtype)
    classic.beta = np.full(len(sizes), 5.0)
    modern.beta.data = np.full(len(sizes), 5.0, dtype)
    assert (classic(x) == 5).all()
    assert (modern(Tensor(x)).data == 5).all()
    assert (classic.var == 0).all()
    np.testing.assert_allclose(classic.std, 1e-4, rtol=np.finfo(dtype).eps)  # the root of eps
    assert np.array_equal(classic.mean[0], sizes)
    assert np.abs(classic.backward(x * 0 + 1)).max() < 1e-2  # the gradients cancel, but for 1/eps
    for running in (classic.running_var, modern.running_var.data):
        assert (running == running.flat[0]).all()


@every_dtype
def test_a_constant_feature_without_eps(dtype: Any) -> None:
    """`0 / 0` is taken as 0, in evaluation too."""
    layer = BatchNorm(3, alpha=0, eps=0, dtype=dtype)
    x = np.array([[0, 7, 1e30]] * 4, dtype)
    assert (layer(x) == 0).all()
    assert (layer.backward(x * 0 + 1) == 0).all()
    assert (layer(x, eval=True) == 0).all()


@every_face
@every_dtype
def test_no_eps_and_no_size_of_its_own(face: str, dtype: Any) -> None:
    """Without `eps`, batch norm does not see how large a column is."""
    limits = np.finfo(dtype)
    column = np.array([[3.0], [-1.0], [2.5], [0.5]], dtype)
    sizes = (float(limits.max) / 4, 1e30, 1.0, 1e-30, float(limits.tiny) * 2)
    x = column * np.array(sizes, dtype)
    gamma, beta = np.ones((2, len(sizes)), dtype)
    out = FACES[face].batch_norm(x, gamma, beta, np.ones_like(x), 0.0)["batch norm"]
    np.testing.assert_allclose(out, np.tile(out[:, 2:3], len(sizes)), rtol=8 * limits.eps)


@every_dtype
def test_a_batch_of_one(dtype: Any) -> None:
    x = ends(dtype)[None]
    layer = BatchNorm1d(x.shape[1], dtype=dtype)
    assert (layer(Tensor(x)).data == 0).all()
    assert np.isfinite(layer.running_var.data).all()
    classic = BatchNorm(x.shape[1], dtype=dtype)
    classic(x)
    assert (classic.backward(np.ones_like(x)) == 0).all()


@every_face
@every_dtype
def test_one_class_is_certain(face: str, dtype: Any) -> None:
    x = ends(dtype)[:, None]
    out = FACES[face].rows(x, np.ones_like(x), np.zeros(len(x), int))
    assert (out["softmax"] == 1).all()
    for name in ("softmax gradient", "log-softmax", "cross-entropy", "cross-entropy gradient"):
        assert (out[name] == 0).all(), name


def test_a_confident_row_has_a_loss() -> None:
    """`1 + exp(-50)` rounds to 1, whose logarithm is 0."""
    loss = SoftmaxCrossEntropy()([[50.0, 0.0]], [[1, 0]])
    assert loss[0] == pytest.approx(1.9287498479639178e-22, rel=1e-15)


@every_dtype
def test_losses_beyond_the_range(dtype: Any) -> None:
    """No warning where the result is beyond the range: inf, and only there."""
    largest = float(np.finfo(dtype).max)
    x, y = np.array([[largest, 0, 0]], dtype), np.array([[-largest, 0, 0]], dtype)
    half = L2()
    assert half(x, y)[0] == half.derivative()[0, 0] == np.inf
    inside = np.array([[np.sqrt(largest) * 1.4, 0, 0]], dtype)  # its square is not in the range
    assert_within(criterion_errors(inside, 0 * inside, probabilities=False), dtype)
    assert half(inside, 0 * inside)[0] < np.inf
    assert SoftmaxCrossEntropy()(x, [[0, 5, 13]])[0] == np.inf
    logits = np.repeat(np.array([[largest, -largest]], dtype), 3, axis=0)
    assert CrossEntropyLoss()(Tensor(logits), [1, 1, 1]).item() == largest


@every_face
@every_dtype
@pytest.mark.parametrize(("m", "n", "k"), [(1, 1, 1), (1, 3, 2), (5, 1, 2), (6, 3, 1), (6, 4, 3)])
def test_no_hidden_layers(face: str, dtype: Any, m: int, n: int, k: int) -> None:
    """One linear layer and cross-entropy; the gradients of products in 60 digits."""
    rng = np.random.default_rng(m * n * k)
    x, W = rng.normal(size=(m, n)).astype(dtype), rng.normal(size=(n, k)).astype(dtype)
    b, classes = rng.normal(size=k).astype(dtype), rng.integers(0, k, m)
    if face == "classic":
        mlp = MLP(n, k, [], [Identity()], lambda *_: W, lambda _: b, SoftmaxCrossEntropy(), 0.1)
        out = mlp(x)
        mlp.backward(np.eye(k)[classes])
        dW, db = mlp.dW[0], mlp.db[0][0]
    else:
        layer = Linear(n, k, dtype)
        layer.weight.data, layer.bias.data = W.T.copy(), b
        logits = Sequential(layer)(Tensor(x))
        CrossEntropyLoss()(logits, classes).backward()
        out, dW, db = logits.data, layer.weight.grad.data.T, layer.bias.grad.data
    terms = exact(x)[:, :, None] * exact(W)[None]
    z = total(terms, 1)[:, 0] + exact(b)
    assert ulps(out, z, total(abs(terms), 1)[:, 0] + abs(exact(b))) <= n + 1
    derivative, size = rows(out, out, classes)["cross-entropy gradient"]  # of the rounded logits
    products = exact(x)[:, :, None] * derivative[:, None] / m
    sizes = abs(exact(x))[:, :, None] * size[:, None] / m
    assert ulps(dW, total(products, 0)[0], total(sizes, 0)[0]) <= 4
    assert ulps(db, total(derivative, 0)[0] / m, total(size, 0)[0] / m) <= 4
