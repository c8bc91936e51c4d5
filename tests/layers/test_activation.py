"""Activations against another engine, against 50-digit arithmetic and at their limits."""

from collections.abc import Callable

import mpmath
import numpy as np
import numpy.typing as npt
import pytest

from mytorch import L2, Identity, LeakyReLU, Network, ReLU, Sigmoid, Softmax, Tanh
from mytorch.activation import ELU, GELU, Activation
from mytorch.checks.arrays import FloatArray
from tests.conftest import Arrays
from tests.support.layers import ACTIVATIONS, make

HUGE = np.array([[-1.7e308, -1e300, -1e4, -745.0, -1.0, 0.0, 1.0, 745.0, 1e4, 1e300, 1.7e308]])

REFERENCE_NAMES = {
    Sigmoid: "sigmoid",
    Tanh: "tanh",
    ReLU: "relu",
    LeakyReLU: "leaky_relu",
    Softmax: "softmax",
}


@pytest.mark.parametrize("cls", REFERENCE_NAMES)
def test_another_engine_gives_the_same(
    cls: type[Activation], references: Callable[[str], Arrays]
) -> None:
    stored = references("activations")
    layer = cls()
    out = layer(stored["z"])
    grad = layer.backward(stored["upstream"])
    name = REFERENCE_NAMES[cls]
    np.testing.assert_allclose(out, stored[f"{name}_out"], rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(grad, stored[f"{name}_grad"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cls", ACTIVATIONS)
def test_no_finite_input_gives_a_warning_or_nan(
    cls: type[Activation], dtype: npt.DTypeLike
) -> None:
    z = np.clip(HUGE, np.finfo(dtype).min, np.finfo(dtype).max).astype(dtype)
    layer = cls()
    assert np.isfinite(layer(z)).all()
    assert np.isfinite(layer.backward(np.ones_like(z))).all()


@pytest.mark.parametrize("z", [-700.5, -30.25, -1.0, -1e-9, 0.0, 1e-300, 0.7, 20.0, 40.0])
def test_sigmoid_and_tanh_to_the_last_digits(z: float) -> None:
    with mpmath.workdps(50):
        exact_sigmoid = float(1 / (1 + mpmath.exp(-mpmath.mpf(z))))
        exact_tanh = float(mpmath.tanh(mpmath.mpf(z)))
    assert Sigmoid()(z) == pytest.approx(exact_sigmoid, rel=1e-15, abs=0)
    assert Tanh()(z) == pytest.approx(exact_tanh, rel=1e-15, abs=0)


def test_softmax_to_the_last_digits() -> None:
    z = [3.25, -1.5, 0.0, 2.875]
    with mpmath.workdps(50):
        exponentials = [mpmath.exp(v) for v in z]
        exact = [float(e / sum(exponentials)) for e in exponentials]
    np.testing.assert_allclose(Softmax()([z])[0], exact, rtol=1e-15)


def test_limits() -> None:
    assert Sigmoid()(HUGE)[0, [0, -1]].tolist() == [0.0, 1.0]
    assert Tanh()(HUGE)[0, [0, -1]].tolist() == [-1.0, 1.0]
    assert Softmax()(HUGE).tolist() == [[0.0] * 10 + [1.0]]


def test_slopes_at_zero() -> None:
    zero = np.zeros((1, 1))
    for layer, slope in ((ReLU(), 0.0), (LeakyReLU(0.2), 0.2), (Sigmoid(), 0.25), (Tanh(), 1.0)):
        layer(zero)
        assert layer.derivative().item() == slope


@pytest.mark.parametrize("cls", [Sigmoid, Tanh, ReLU, LeakyReLU])
def test_derivative_is_that_of_the_stored_output(cls: type[Activation]) -> None:
    z = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0]])
    layer = cls()
    assert layer.state is None
    out = layer.forward(z)
    assert layer.state is out
    slope = layer.derivative()
    assert slope.dtype == np.float64
    grad = np.array([[1.0, -2.0, 3.0, -4.0, 5.0]])
    assert np.array_equal(layer.derivative(grad), grad * slope)
    assert np.array_equal(layer.backward(grad), grad * slope)


def test_identity_derivative_is_the_float_one() -> None:
    layer = Identity()
    layer(np.ones((2, 2)))
    assert type(layer.derivative()) is float
    assert layer.derivative() == 1.0


def test_softmax_jacobian_gives_the_same_as_its_product() -> None:
    rng = np.random.default_rng(3)
    layer, grad = Softmax(), rng.normal(size=(4, 5))
    layer(rng.normal(size=(4, 5)))
    jacobian = layer.derivative()
    assert jacobian.shape == (4, 5, 5)
    np.testing.assert_allclose(np.einsum("bij,bj->bi", jacobian, grad), layer.backward(grad))


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Identity"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 2)])
def test_functions_of_single_numbers_take_any_shape(name: str, shape: tuple[int, ...]) -> None:
    layer = make(name, 1)
    out = layer(np.ones(shape))
    assert isinstance(out, np.ndarray)
    assert out.shape == shape
    assert np.shape(layer.backward(np.ones(shape))) == shape


def test_softmax_needs_rows() -> None:
    with pytest.raises(ValueError, match=r"Softmax\(\): expected rows of logits \(batch, n\)"):
        Softmax()(np.ones(3))


@pytest.mark.parametrize("slope", [-0.1, float("inf"), float("nan")])
def test_leaky_relu_needs_a_slope_of_at_least_0(slope: float) -> None:
    with pytest.raises(ValueError, match="expected negative_slope of at least 0"):
        LeakyReLU(slope)


@pytest.mark.parametrize("slope", [0.0, 0.02, 1.0, 1.5])
def test_leaky_relu_has_the_slope_that_it_is_given(slope: float) -> None:
    layer, z = LeakyReLU(slope), np.array([-2.0, 0.5])
    np.testing.assert_array_equal(layer(z), [-2 * slope, 0.5])
    np.testing.assert_array_equal(layer.derivative(), [slope, 1])


def test_the_base_class_computes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Activation()(np.ones(1))
    with pytest.raises(NotImplementedError):
        Activation().local_gradient()


@pytest.mark.parametrize(
    "layer", [Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU(0.2), ELU(0.5), GELU()], ids=repr
)
@pytest.mark.parametrize("z", [-0.75, 0.5])
def test_a_single_number_is_an_array(layer: Activation, z: float) -> None:
    def f(x: float) -> float:
        y = layer.forward(np.array(x))
        assert isinstance(y, np.ndarray)
        return y.item()

    h = 1e-6
    slope = (f(z + h) - f(z - h)) / (2 * h)
    f(z)
    dz = layer.backward(np.array(3.0))
    assert isinstance(dz, np.ndarray)
    assert dz.shape == ()
    np.testing.assert_allclose([dz / 3, layer.derivative()], slope, rtol=1e-8)


class Square(Activation, checked=True):
    """`z^2`, for `z` above 0."""

    def forward(self, x: FloatArray) -> FloatArray:
        return x * x

    def local_gradient(self) -> FloatArray:
        return 2 * np.sqrt(self.state)


@pytest.mark.parametrize("passes", [1, 3])  # a later pass of a network calls formulas alone
def test_the_output_of_a_checked_activation_is_kept(passes: int) -> None:
    square, z = Square(), np.array([[1.0, 2.0, 3.0]])
    square.forward(z.tolist())
    assert square.state.tolist() == [[1.0, 4.0, 9.0]]
    network = Network([Identity(), square], L2())
    for _ in range(passes):
        output = network.forward(z * 2)
        assert square.state is output
    grad = network.backward(output - 1, input_grad=True)
    assert grad is not None
    assert grad.tolist() == [[4.0, 8.0, 12.0]]


def test_a_setting_is_checked_when_it_is_assigned() -> None:
    layer = LeakyReLU(0.5)
    with pytest.raises(ValueError, match="negative_slope of at least 0, got -1"):
        layer.negative_slope = -1
    assert repr(layer) == "LeakyReLU(0.5)"


class Clip(Identity):
    """The gradient of `min(z, 1)`, which `Identity` would pass on."""

    def forward(self, x: FloatArray) -> FloatArray:
        return np.minimum(x, 1)

    def local_gradient(self) -> FloatArray:
        return (self.state < 1).astype(float)


class Noisy(Activation):
    """With an argument of its own, by another name."""

    def forward(self, z: FloatArray, noise: float = 0.0) -> FloatArray:
        return 3 * z + noise

    def local_gradient(self) -> float:
        return 3.0


def test_a_local_gradient_counts_before_what_is_inherited() -> None:
    z = np.array([[0.5, 2.0]])
    clip = Clip()
    clip.forward(z)
    assert clip.derivative().tolist() == [[1.0, 0.0]]
    assert clip.backward(np.array([[5.0, 7.0]])).tolist() == [[5.0, 0.0]]


def test_forward_keeps_its_own_arguments() -> None:
    noisy, z = Noisy(), np.array([[1.0, 2.0]])
    assert noisy.forward(z, 0.5).tolist() == noisy.state.tolist() == [[3.5, 6.5]]
    assert noisy.forward(z=z).tolist() == [[3.0, 6.0]]
    assert noisy.backward(z).tolist() == [[3.0, 6.0]]


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        (
            None,
            "expected an array from local_gradient, got NoneType; perhaps its return is",
        ),
        (
            np.ones((4, 4)),
            r"expected a local_gradient of the output's shape \(1, 4\), got \(4",
        ),
    ],
)
def test_a_local_gradient_that_cannot_be_one_is_named(slope: object, said: str) -> None:
    class Wrong(Activation):
        def forward(self, x: FloatArray) -> FloatArray:
            return x * 2

        def local_gradient(self) -> object:
            return slope

    layer, z = Wrong(), np.ones((1, 4))
    layer.forward(z)
    for call in (layer.backward, layer.derivative):
        with pytest.raises((TypeError, ValueError), match=rf"Wrong\(\): {said}"):
            call(z)


def test_no_activation_warns_of_a_large_number() -> None:
    for layer in (*(cls() for cls in ACTIVATIONS), ELU(), GELU()):
        layer.forward(HUGE)
        layer.derivative()
