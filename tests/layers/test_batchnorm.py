"""Batch normalisation against another engine, and its running statistics by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from mytorch import BatchNorm
from mytorch.gradcheck import gradcheck
from tests.conftest import Arrays


def test_another_engine_gives_the_same(references: Callable[[str], Arrays]) -> None:
    stored = references("batchnorm")
    layer = BatchNorm(4)
    layer.gamma, layer.beta = stored["gamma"], stored["beta"]
    for i in range(3):
        # column 3 is of size 1e4: what rounds there is far below its own size
        close = {"rtol": 1e-9, "atol": 1e-11}
        np.testing.assert_allclose(layer(stored["x"][i]), stored["out"][i], **close)
        np.testing.assert_allclose(layer.backward(stored["upstream"][i]), stored["dx"][i], **close)
        for name in ("dgamma", "dbeta", "running_mean", "running_var"):
            np.testing.assert_allclose(
                getattr(layer, name), stored[name][i].reshape(1, 4), **close, err_msg=name
            )
    out = layer(stored["eval_x"], eval=True)
    np.testing.assert_allclose(out, stored["eval_out"], rtol=1e-12)


def test_statistics_of_a_batch_by_hand() -> None:
    """001 §4.1: biased variance, in the running statistics too."""
    layer = BatchNorm(1, alpha=0.9, eps=0.0)
    out = layer([[1.0], [3.0]])
    assert (layer.mean.item(), layer.var.item()) == (2.0, 1.0)
    assert out.tolist() == [[-1], [1]]
    assert layer.running_mean.item() == pytest.approx(0.1 * 2)
    assert layer.running_var.item() == pytest.approx(0.9 + 0.1 * 1)
    assert layer([[4.2]], eval=True).item() == pytest.approx(4.0)


def test_gradients_of_scale_and_shift_are_summed() -> None:
    layer = BatchNorm(1, eps=0.0)
    layer([[1.0], [3.0]])
    layer.backward([[1.0], [2.0]])
    assert layer.dbeta.tolist() == [[3]]
    assert layer.dgamma.tolist() == [[-1 + 2]]


def test_eps_stands_inside_the_root() -> None:
    out = BatchNorm(1, eps=3.0)([[-1.0], [1.0]])
    assert out.tolist() == [[-0.5], [0.5]]


def test_evaluation_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    layer = BatchNorm(3)
    out = layer(rng.normal(size=(5, 3)))
    before = {name: np.copy(value) for name, value in vars(layer).items()}
    layer(rng.normal(size=(8, 3)), eval=True)
    for name, value in before.items():
        assert np.array_equal(value, getattr(layer, name)), name
    assert layer.out is out


def test_shapes_before_the_first_batch() -> None:
    layer = BatchNorm(3)
    assert (layer.alpha, layer.eps) == (0.9, 1e-8)
    assert layer.x is layer.norm is layer.out is None
    for name in ("mean", "dgamma", "beta", "dbeta", "running_mean"):
        assert getattr(layer, name).tolist() == [[0, 0, 0]], name
    for name in ("var", "gamma", "running_var"):
        assert getattr(layer, name).tolist() == [[1, 1, 1]], name


@pytest.mark.parametrize("x", [np.ones((1, 3)), np.zeros((6, 3)), np.eye(6)[:, :3]])
def test_gradients_where_a_feature_hardly_varies(x: np.ndarray) -> None:  # type: ignore[type-arg]
    x = x.copy()
    x[:, 0] = 0  # a constant feature: the variance is 0, and eps alone stands under the root
    report = gradcheck(BatchNorm(3), x)
    assert report, report


def test_a_constant_feature_of_any_size_becomes_the_shift() -> None:
    """The mean of equal float32 numbers need not be that number, and eps is only 1e-8."""
    x = np.full((100, 3), [1000.1, -3e4, 7e-5], np.float32)
    out = BatchNorm(3, dtype=np.float32)(x)
    assert np.abs(out).max() < 1e-6


def test_numpy_numbers_as_settings_do_not_promote() -> None:
    layer = BatchNorm(3, np.float64(0.5), np.float64(1e-5), np.float32)
    x = np.ones((2, 3), np.float32)
    assert layer(x).dtype == layer(x, eval=True).dtype == layer.running_var.dtype == np.float32


def test_one_row_becomes_the_shift() -> None:
    layer = BatchNorm(2)
    layer.beta = [5.0, 6.0]
    assert layer([[1e3, -1e3]]).tolist() == [[5, 6]]
    assert layer.backward([[1.0, 1.0]]).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"in_feature": 0}, "expected in_feature of at least 1, got 0"),
        ({"in_feature": 2, "alpha": 1.1}, "expected alpha from 0 to 1, got 1.1"),
        ({"in_feature": 2, "eps": -1e-8}, "expected eps of at least 0, got -1e-08"),
    ],
)
def test_impossible_settings_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BatchNorm(**arguments)  # type: ignore[arg-type]
