"""Layers for pictures: by loops over every window, finite differences, and another engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mytorch import (
    ELU,
    AvgPool2d,
    BatchNorm,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    MaxPool2d,
    Tensor,
    nn,
)
from mytorch.gradcheck import gradcheck
from tests.conftest import Arrays
from tests.support.pictures import LAYERS

PAIR = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def pictures(draw: Any) -> tuple[Any, ...]:
    """A kernel, a stride, a padding and a size that fit together, channels and a seed."""
    kernel, stride = draw(PAIR), draw(PAIR)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(
        draw(st.integers(max(1, k - 2 * p), 7)) for k, p in zip(kernel, padding, strict=True)
    )
    return kernel, stride, padding, size, draw(st.integers(1, 3)), draw(st.integers(0, 99))


def windows(x: Any, kernel: Any, stride: Any, padding: Any, value: float) -> Any:
    """`(n, c, r, s, window)` with where it begins, one by one."""
    wide = [(0, 0), (0, 0), *((p, p) for p in padding)]
    padded = np.pad(x, wide, constant_values=value)
    rows, columns = (
        (n - k) // s + 1 for n, k, s in zip(padded.shape[2:], kernel, stride, strict=True)
    )
    for n, c, r, s in np.ndindex(len(x), x.shape[1], rows, columns):
        top, left = r * stride[0], s * stride[1]
        yield (
            (n, c, r, s),
            (top, left),
            padded[n, c, top : top + kernel[0], left : left + kernel[1]],
        )


@given(pictures())
@settings(max_examples=60, deadline=None)
def test_convolution_is_a_sum_over_every_window(case: Any) -> None:
    kernel, stride, padding, size, channels, seed = case
    rng = np.random.default_rng(seed)
    x, layer = rng.normal(size=(2, channels, *size)), Conv2d(channels, 2, kernel, stride, padding)
    out = layer.forward(x)
    delta = rng.normal(size=out.shape)
    dx = layer.backward(delta)
    expected = np.zeros(out.shape) + layer.b.reshape(1, -1, 1, 1)
    dW, pad = np.zeros(layer.W.shape), [n + 2 * p for n, p in zip(size, padding, strict=True)]
    dpadded = np.zeros((2, channels, *pad))
    for (n, c, r, s), (top, left), window in windows(x, kernel, stride, padding, 0):
        for o in range(2):
            expected[n, o, r, s] += (layer.W[o, c] * window).sum()
            dW[o, c] += delta[n, o, r, s] * window / 2  # the batch
            dpadded[n, c, top : top + kernel[0], left : left + kernel[1]] += (
                delta[n, o, r, s] * layer.W[o, c]
            )
    inner = dpadded[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]
    for found, right in (
        (out, expected), (layer.dW, dW), (dx, inner), (layer.db[0], delta.sum((0, 2, 3)) / 2),
    ):  # fmt: skip
        np.testing.assert_allclose(found, right, rtol=1e-11, atol=1e-11)


@given(pictures(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_pooling_looks_at_every_window(case: Any, ties: bool) -> None:
    """With ties, whole numbers: the first maximum has the gradient."""
    kernel, stride, padding, size, channels, seed = case
    rng = np.random.default_rng(seed)
    x = rng.integers(-1, 2, (2, channels, *size)) if ties else rng.normal(size=(2, channels, *size))
    for cls, value in ((MaxPool2d, -np.inf), (AvgPool2d, 0.0)):
        layer = cls(kernel, stride, padding)
        out = layer.forward(x)
        delta = rng.normal(size=out.shape)
        dx = layer.backward(delta)
        pad = [n + 2 * p for n, p in zip(size, padding, strict=True)]
        expected, dpadded = np.zeros(out.shape), np.zeros((2, channels, *pad))
        for (n, c, r, s), (top, left), window in windows(x * 1.0, kernel, stride, padding, value):
            place = dpadded[n, c, top : top + kernel[0], left : left + kernel[1]]
            if cls is MaxPool2d:
                expected[n, c, r, s] = window.max()
                place[np.unravel_index(window.argmax(), kernel)] += delta[n, c, r, s]
            else:
                expected[n, c, r, s] = window.sum() / window.size
                place += delta[n, c, r, s] / window.size
        inner = dpadded[:, :, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(dx, inner, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", ["narrow", "2x2", "F(2,3)", "F(4,3)", "odd", "wide"])
def test_another_engine_convolves_the_same(case: str, references: Callable[[str], Arrays]) -> None:
    """PyTorch in float64, on shapes that are computed in each of the ways."""
    stored = {k.split(" ", 1)[1]: v for k, v in references("convolution").items() if case in k}
    out_channels, in_channels, *kernel = stored["W"].shape
    stride, padding = (tuple(map(int, stored[name])) for name in ("stride", "padding"))
    layer = Conv2d(in_channels, out_channels, tuple(kernel), stride, padding)
    layer.W, layer.b = stored["W"], stored["b"]
    out = layer.forward(stored["x"])
    dx = layer.backward(stored["upstream"])
    batch = len(out)
    for name, found in (
        ("out", out), ("dx", dx), ("dW", layer.dW * batch), ("db", layer.db[0] * batch),
    ):  # fmt: skip
        np.testing.assert_allclose(found, stored[name], rtol=1e-10, atol=1e-12, err_msg=name)
    assert getattr(layer.way, "kind", "im2col") == {"narrow": "im2col", "wide": "im2col"}.get(
        case, "F(4,3)" if case == "odd" else case
    )


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_slopes(name: str) -> None:
    make, shape = LAYERS[name]
    report = gradcheck(make(), np.random.default_rng(0).normal(size=shape), sample=60)
    assert report, str(report)


def test_batch_norm_three_ways() -> None:
    """003 question 3: elementary operations, the function written by hand, the layer."""
    rng = np.random.default_rng(1)
    x, upstream = rng.normal(5, 3, (7, 4)), rng.normal(size=(7, 4))
    scale, shift = rng.normal(size=(2, 4))

    def leaves() -> list[Tensor]:
        return [Tensor(a, requires_grad=True) for a in (x, scale, shift)]

    def elementary(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        mean = x.mean(0, True)
        var = ((x - mean) ** 2).mean(0, True)
        return gamma * ((x - mean) / (var + 1e-5) ** 0.5) + beta

    found = []
    for function in (elementary, lambda x, g, b: nn.functional.normalize_batch(x, g, b, 1e-5)):
        tensors = leaves()
        out = function(*tensors)
        (out * Tensor(upstream)).sum().backward()
        found.append([out.data, *(t.grad.data for t in tensors)])
    layer = BatchNorm(4, eps=1e-5)
    layer.gamma, layer.beta = scale, shift
    out = layer.forward(x)
    found.append([out, layer.backward(upstream), layer.dgamma[0], layer.dbeta[0]])
    of_pictures = BatchNorm2d(4, eps=1e-5)
    of_pictures.gamma, of_pictures.beta = scale, shift
    out = of_pictures.forward(x[:, :, None, None])[:, :, 0, 0]
    dx = of_pictures.backward(upstream[:, :, None, None])[:, :, 0, 0]
    found.append([out, dx, of_pictures.dgamma[0], of_pictures.dbeta[0]])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_what_a_call_returned_is_not_overwritten() -> None:
    rng = np.random.default_rng(0)
    for make, shape in LAYERS.values():
        layer = make()
        x, other = rng.normal(size=(2, *shape))
        out = layer.forward(x)
        dx = layer.backward(np.ones(out.shape))
        kept = out.copy(), dx.copy(), x.copy()
        layer.forward(other)
        layer.backward(np.full(out.shape, 2.0))
        for array, before in zip((out, dx, x), kept, strict=True):
            np.testing.assert_array_equal(array, before)


def test_filtering_in_float32_rounds_little() -> None:
    """The error of F(2,3) is im2col's; F(4,3) multiplies by up to 8, and loses a digit."""
    rng = np.random.default_rng(0)
    for size, bound in ((4, 1e-6), (8, 1e-5)):
        x = rng.normal(size=(4, 32, size, size))
        double = Conv2d(32, 32, 3, padding=1, rng=0)
        single = Conv2d(32, 32, 3, padding=1, rng=0, dtype="float32")
        out = double.forward(x)
        delta = rng.normal(size=out.shape)
        pairs = [(out, single.forward(x)), (double.backward(delta), single.backward(delta))]
        for right, found in [*pairs, (double.dW, single.dW)]:
            assert found.dtype == np.float32
            error = np.sqrt(np.square(found - right).mean() / np.square(right).mean())
            assert error < bound, (size, error)


def test_dropout_leaves_out_its_share_and_nothing_in_evaluation() -> None:
    layer, x = Dropout(0.25, rng=3), np.ones((200, 200))
    out = layer.forward(x)
    assert set(np.unique(out)) == {0, 1 / 0.75}
    assert abs((out == 0).mean() - 0.25) < 0.01
    np.testing.assert_array_equal(layer.backward(2 * x), 2 * out)
    assert layer.infer(x) is x
    assert not Dropout(1).forward(x).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv2d(3, 4, 3).forward(np.ones((2, 5, 5, 3))), "perhaps x.transpose"),
        (lambda: Conv2d(3, 4, 3).forward(np.ones((3, 5, 5))), "a batch of one"),
        (lambda: Conv2d(3, 4, 3).forward(np.ones((2, 3, 2, 5))), "at least as large as the window"),
        (lambda: Conv2d(3, 4, 3).forward(np.ones((0, 3, 5, 5))), "at least one picture"),
        (lambda: Conv2d(3, 4, 3).backward(np.ones((2, 4, 5, 5))), "before forward"),
        (lambda: Conv2d(3, 4, (3, 3, 3)), "one whole number or two"),
        (lambda: Conv2d(3, 4, 3, stride=0), "stride of at least 1"),
        (lambda: MaxPool2d(2, padding=2), "at most half of the kernel_size"),
        (lambda: MaxPool2d(2).forward(np.ones((2, 4))), "rows of pixels become pictures"),
        (lambda: Flatten().forward(np.ones(3)), "at least two axes"),
        (lambda: Dropout(1.5), "p from 0 to 1"),
        (lambda: ELU(-1), "alpha of at least 0"),
    ],
)
def test_bad_input_is_said(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=message):
        make()


@pytest.mark.parametrize(
    "text",
    [
        "Conv2d(3, 64, 3, padding=1)",
        "Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(0, 1), bias=False)",
        "MaxPool2d(2)",
        "MaxPool2d(3, stride=2, padding=1)",
        "AvgPool2d((2, 3), stride=1)",
    ],
)
def test_a_layer_of_windows_is_shown_as_it_is_made(text: str) -> None:
    """Without what is usual: a network of twenty layers has room in 80 columns."""
    assert repr(eval(text)) == text
