"""Images as bytes: the same numbers as the array of floats that they stand for."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from mytorch import MLP, Identity, ReLU, SoftmaxCrossEntropy
from mytorch.datasets import load, load_pixels, normalize
from mytorch.datasets.pixels import Pixels
from mytorch.initializers import zeros_bias_init
from mytorch.training import evaluate, get_training_stats
from tests.support.layers import xavier

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 3, 4), np.uint8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_the_quotients(dtype: Any) -> None:
    pixels = Pixels(IMAGES, 255, dtype)
    quotients = [[dtype(int(b)) / dtype(255) for b in image.ravel()] for image in IMAGES]
    expected: Any = np.array(quotients, dtype)
    for rows in (
        slice(None), [4, 0, 4], slice(2, 5), np.arange(7) % 2 == 0, np.array([4, -1, 4]),
        np.array([6], np.uint8), np.array([[1], [2]]), np.array(3),
    ):  # fmt: skip
        assert pixels[rows].dtype == dtype
        assert np.array_equal(pixels[rows], expected[rows])
    assert np.array_equal(np.asarray(pixels), expected)
    assert np.array_equal(pixels.images(2)[:], expected[2:])
    assert (len(pixels), pixels.shape, pixels.ndim) == (7, (7, 12), 2)


def test_rows_of_bytes_in_any_layout_are_the_same_and_copy_nothing_else() -> None:
    large = np.zeros((2000, 2000), np.uint8)
    large[:, ::3] = 9
    rows = np.array([5, 3])
    for images in (large[:, 1:], large[::2], np.asfortranarray(large)):
        pixels = Pixels(images, 255)
        tracemalloc.start()
        x = pixels[rows]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert np.array_equal(x, images[rows] / 255)
        assert peak < 1e6


@pytest.mark.parametrize("normalized", [False, True])
def test_the_digits_as_bytes_are_the_digits(normalized: bool) -> None:
    parts = zip(
        load_pixels("digits", np.float32, normalized), load("digits", np.float32), strict=True
    )
    x = load("digits", np.float64)[0][0]
    for (pixels, labels), (floats, same_labels) in parts:
        expected = (floats - np.float32(x.mean())) / np.float32(x.std()) if normalized else floats
        np.testing.assert_allclose(pixels[:], expected, rtol=0, atol=1e-6 if normalized else 0)
        assert np.array_equal(labels, same_labels)


def test_normalized_data_is_the_same_by_either_way() -> None:
    for (x, _), (expected, _) in zip(
        load("digits", normalized=True), normalize(load("digits")), strict=True
    ):
        np.testing.assert_allclose(x, expected, rtol=1e-12, atol=1e-14)


def test_mean_and_deviation_are_those_of_all_numbers() -> None:
    images = np.random.default_rng(1).integers(0, 256, (2500, 9), np.uint8)
    expected = (images / 255).mean(), (images / 255).std()
    assert Pixels(images, 255).statistics() == pytest.approx(expected, rel=1e-13)


def test_training_on_bytes_is_training_on_floats() -> None:
    curves = []
    for loader in (load_pixels, load):
        mlp = MLP(
            64, 10, [20], [ReLU(), Identity()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(),
            0.1, 0.9, 1, "float32",
        )  # fmt: skip
        dset = loader("digits", np.float32, normalized=True)
        curves.append([*get_training_stats(mlp, dset, 3, 50, rng=0), evaluate(mlp, *dset[2])])
    for of_bytes, of_floats in zip(*curves, strict=True):
        assert np.array_equal(of_bytes, of_floats)


def test_bytes_take_the_network_s_dtype() -> None:
    mlp = MLP(64, 10, [], [Identity()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1)
    x, y = load_pixels("digits", np.float32)[1]
    assert evaluate(mlp, x, y) == evaluate(mlp, *load("digits", np.float64)[1])


def test_images_that_are_no_bytes() -> None:
    with pytest.raises(TypeError, match=r"Pixels: .*uint8"):
        Pixels(IMAGES.astype(np.int64), 255)


def test_no_images_have_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one image"):
        Pixels(IMAGES, 255).images(7).statistics()
