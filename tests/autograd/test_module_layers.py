"""The modules that have parameters, Linear and BatchNorm1d: by hand, in both modes, all dtypes."""

import numpy as np
import pytest

from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.sequential import Sequential
from mytorch.tensor import Tensor


def test_linear_is_initialised_as_the_homework_does() -> None:
    np.random.seed(11785)
    layer = Linear(3, 2)
    np.random.seed(11785)
    np.testing.assert_allclose(layer.weight.data, (np.random.rand(2, 3) - 0.5) / 3, rtol=1e-15)
    np.testing.assert_allclose(layer.bias.data, (np.random.rand(2) - 0.5) / 3, rtol=1e-15)
    x = np.array([[1.0, 2.0, 3.0]])
    expected = x @ layer.weight.data.T + layer.bias.data
    np.testing.assert_allclose(layer(Tensor(x)).data, expected)


def test_running_statistics_by_hand() -> None:
    """002 eq. 7 to 9: momentum weighs the new batch, and its variance is unbiased."""
    layer = BatchNorm1d(1, momentum=0.25)
    out = layer(Tensor([[1.0], [3.0]]))
    np.testing.assert_allclose(out.data, np.array([[-1], [1]]) / np.sqrt(1 + 1e-5))
    assert layer.running_mean.data.tolist() == [0.25 * 2]
    assert layer.running_var.data.tolist() == [0.75 * 1 + 0.25 * 2]
    layer.eval()
    before = layer.state_dict()
    out = layer(Tensor([[1.0]]))
    np.testing.assert_allclose(out.data, [[0.5 / np.sqrt(1.25 + 1e-5)]])
    assert all(np.array_equal(before[k], v) for k, v in layer.state_dict().items())
    assert not layer.running_mean.requires_grad


def test_settings_count_in_both_modes() -> None:
    layer = BatchNorm1d(1)
    layer.eps = 3.0
    assert layer(Tensor([[-1.0], [1.0]])).data.tolist() == [[-0.5], [0.5]]
    layer.eval()
    with pytest.raises(ValueError, match=r"expected input \(batch, 1\)"):
        layer(Tensor(np.ones((2, 2))))


def test_one_row_has_no_unbiased_variance() -> None:
    layer = BatchNorm1d(1)
    assert layer(Tensor([[5.0]])).data.tolist() == [[0.0]]
    assert layer.running_var.data.tolist() == [0.9]


def test_input_takes_the_dtype_of_the_weights() -> None:
    model = Sequential(Linear(2, 3, "float32"), BatchNorm1d(3, dtype="float32"))
    x = Tensor(np.ones((4, 2)), requires_grad=True)
    for mode in (model.train, model.eval):
        mode()
        out = model(x)
        assert out.dtype == np.float32
        out.backward()
        assert x.grad is not None
        assert x.grad.dtype == np.float64
    assert BatchNorm1d(2, dtype="float32")(x).dtype == np.float32
    assert model(Tensor(np.ones((4, 2), int))).dtype == np.float32


def test_two_batches_through_one_layer_before_backward() -> None:
    """Each call keeps its own state: gradients are those of two separate layers."""
    rng = np.random.default_rng(0)
    x1, x2, g1, g2 = rng.normal(size=(4, 5, 3))
    layer = BatchNorm1d(3)
    t1, t2 = Tensor(x1, requires_grad=True), Tensor(x2, requires_grad=True)
    (layer(t1) * Tensor(g1) + layer(t2) * Tensor(g2)).backward()
    for t, x, g in ((t1, x1, g1), (t2, x2, g2)):
        alone = Tensor(x, requires_grad=True)
        (BatchNorm1d(3)(alone) * Tensor(g)).backward()
        assert t.grad is not None
        assert alone.grad is not None
        np.testing.assert_allclose(t.grad.data, alone.grad.data, rtol=1e-12)


def test_a_linear_layer_draws_from_the_generator_that_it_is_given() -> None:
    """In the same order and with the same formula as from `np.random` (002 §2.1)."""
    before = np.random.get_state()[1].copy()
    layer, same = (Linear(4, 3, rng=rng) for rng in (7, np.random.default_rng(7)))
    drawn = np.random.default_rng(7).random(12 + 3)
    assert np.array_equal(layer.weight.data, (drawn[:12].reshape(3, 4) - 0.5) / 4)
    assert layer.bias is not None
    assert np.array_equal(layer.bias.data, (drawn[12:] - 0.5) / 4)
    assert np.array_equal(same.weight.data, layer.weight.data)
    assert np.array_equal(np.random.get_state()[1], before)
    with pytest.raises(TypeError, match="Linear: expected a seed of at least 0 or a generator"):
        Linear(4, 3, rng="7")  # type: ignore[arg-type]
