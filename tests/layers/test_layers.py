"""What holds for every layer: gradients, dtypes, arrays left alone, errors for bad input."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mytorch import MLP, Identity, Linear, SoftmaxCrossEntropy
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from tests.support.layers import NAMES, make, xavier

every_layer = pytest.mark.parametrize("name", NAMES)


@every_layer
@given(
    batch=st.integers(1, 7),
    features=st.integers(1, 5),
    magnitude=st.sampled_from([1e-3, 0.1, 1.0, 10.0]),
    seed=st.integers(0, 1000),
)
def test_backward_agrees_with_finite_differences(
    name: str, batch: int, features: int, magnitude: float, seed: int
) -> None:
    x = np.random.default_rng(seed).normal(0, magnitude, (batch, features))
    report = gradcheck(make(name, features), x, rng=seed)
    assert report, report
    assert report.checked >= x.size


@every_layer
def test_backward_agrees_in_a_stack(name: str) -> None:
    """A layer before and a layer after the one under test."""

    class Stack:
        def __init__(self) -> None:
            init = xavier(0)
            self.layers = [Linear(5, 4, init, zeros_bias_init), make(name, 4)]
            width = 3 if name == "Linear" else 4
            self.layers.append(Linear(width, 2, init, zeros_bias_init))
            self.W, self.dW = self.layers[0].W, np.empty(0)

        def forward(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            for layer in self.layers:
                x = layer.forward(x)
            return x

        def backward(self, grad: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            for layer in reversed(self.layers):
                grad = layer.backward(grad)
            self.dW = self.layers[0].dW
            return grad

    report = gradcheck(Stack(), np.random.default_rng(2).normal(size=(6, 5)))
    assert report, report
    assert report.checked == 6 * 5 + 5 * 4


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [3, 65_540])  # which NumPy 1.24 takes for a number of 32 bits
def test_the_dtype_stays(name: str, dtype: npt.DTypeLike, batch: int) -> None:
    layer = make(name, 4, dtype)
    out = layer.forward(np.ones((batch, 4), dtype))
    grad = layer.backward(np.ones_like(out))
    assert out.dtype == dtype
    assert grad.dtype == dtype
    arrays = {key: v for key, v in vars(layer).items() if isinstance(v, np.ndarray)}
    assert {key: v.dtype for key, v in arrays.items()} == dict.fromkeys(arrays, np.dtype(dtype))


@every_layer
@pytest.mark.parametrize("dtype", [">f4", "<f4", ">f8", "<f8"])
def test_the_order_of_bytes_is_not_the_dtype(name: str, dtype: str) -> None:
    native = np.dtype(dtype).newbyteorder("=")
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(dtype)
    layer, same = make(name, 4, native), make(name, 4, native)
    out = layer.forward(x)
    assert out.dtype == native
    assert np.array_equal(out, same.forward(x.astype(native)))
    assert layer.backward(out.astype(dtype)).dtype == native


@every_layer
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_, np.float16])
def test_other_numbers_become_float64(name: str, dtype: npt.DTypeLike) -> None:
    layer = make(name, 4)
    x = np.array([[0, 1, 1, 0], [1, 0, 1, 1]], dtype)
    out = layer.forward(x)
    assert out.dtype == np.float64
    assert np.array_equal(out, make(name, 4).forward(x.astype(float)))


@every_layer
def test_arguments_are_not_changed_and_results_not_overwritten(name: str) -> None:
    rng = np.random.default_rng(5)
    layer = make(name, 4)
    x = rng.normal(size=(6, 4))
    x.setflags(write=False)
    out = layer.forward(x)
    delta = rng.normal(size=out.shape)
    delta.setflags(write=False)
    grad = layer.backward(delta)
    kept = out.copy(), grad.copy()
    layer.backward(layer.forward(rng.normal(size=(6, 4))))
    assert np.array_equal(out, kept[0])
    assert np.array_equal(grad, kept[1])


@every_layer
def test_the_order_in_memory_does_not_matter(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(6, 8))[:, ::2]
    out = make(name, 4).forward(np.asfortranarray(x))
    expected = make(name, 4).forward(x.copy())  # a product may add up in another order
    np.testing.assert_allclose(out, expected, rtol=1e-14)


@every_layer
def test_backward_before_forward_is_refused(name: str) -> None:
    with pytest.raises(RuntimeError, match=rf"{name}.*: backward was called before forward"):
        make(name, 4).backward(np.ones((2, 4)))


@every_layer
def test_a_gradient_of_another_shape_is_refused(name: str) -> None:
    layer = make(name, 4)
    out = layer.forward(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"gradient .*\(2, .*got \(3, "):
        layer.backward(np.ones((3, out.shape[1])))


@every_layer
@pytest.mark.parametrize(
    "x", [np.array([["a"]]), np.array([[1j]]), [[object()]], None, [[1], [2, 3]]]
)
def test_input_that_is_no_real_numbers_is_refused(name: str, x: object) -> None:
    with pytest.raises(TypeError, match="expected an array of real numbers as input"):
        make(name, 1).forward(x)


@every_layer
def test_a_masked_array_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="would not see the mask"):
        make(name, 2).forward(np.ma.masked_less(np.ones((2, 2)), 0))


@pytest.mark.parametrize("name", ["Linear", "BatchNorm"])
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((6,), r"expected input \(batch, 6\), got \(6,\); a single sample is a batch of one"),
        ((5, 2, 3), r"got \(5, 2, 3\); flatten images first, e.g. x.reshape\(len\(x\), -1\)"),
        ((6, 5), r"got \(6, 5\); samples are rows, so perhaps x.T is what you mean"),
        ((5, 7), r"expected input \(batch, 6\), got \(5, 7\)$"),
        ((0, 6), r"got an empty batch \(0, 6\) as input"),
    ],
)
def test_input_of_another_shape_is_refused(name: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(name, 6).forward(np.ones(shape))


def test_a_network_is_named_in_its_errors_by_one_line() -> None:
    init = xavier(0)
    mlp = MLP(4, 2, [], [Identity()], init, zeros_bias_init, SoftmaxCrossEntropy(), 0.1)
    with pytest.raises(
        ValueError, match=r"^MLP\(4 -> 2, .*\): expected input \(batch, 4\)"
    ) as info:
        mlp.forward(np.ones((2, 3)))
    assert "\n" not in str(info.value)
