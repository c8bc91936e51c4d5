"""Images as bytes stand for the floats that NumPy makes of them."""

import pickle
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch.datasets.pixels import Pixels
from mytorch.nn import functional as F
from mytorch.tensor import Tensor

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 3, 4), np.uint8)
PICTURES = IMAGES.reshape(7, 2, 2, 3)
KEYS: tuple[Any, ...] = (
    slice(2, 5), [6, 0, 0], np.arange(7) % 2 == 0, slice(0, 0), -1, np.array([], int),
)  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_rows_are_those_of_the_floats(key: Any, dtype: npt.DTypeLike) -> None:
    floats = IMAGES.reshape(7, 12).astype(np.float64) / 255
    tolerance = 1e-6 if dtype == np.float32 else 1e-14
    for pixels, expected in (
        (Pixels(IMAGES, 255, dtype), floats),
        (Pixels(IMAGES, 255, dtype).normalized(0.3, 0.5), (floats - 0.3) / 0.5),
        (Pixels(IMAGES, 255).astype(dtype), floats),
        (pickle.loads(pickle.dumps(Pixels(IMAGES, 255, dtype))), floats),
    ):
        assert pixels[key].dtype == dtype
        np.testing.assert_allclose(pixels[key], expected[key], rtol=tolerance, atol=tolerance)


def test_parts_share_the_bytes_and_may_be_empty() -> None:
    pixels = Pixels(IMAGES, 255)
    for start, stop, count in ((0, 3, 3), (3, None, 4), (7, None, 0), (-2, None, 2), (5, 2, 0)):
        part = pixels.images(start, stop)
        assert part.shape == (count, 12)
        np.testing.assert_array_equal(part, np.asarray(pixels)[start:stop])
        assert count == 0 or np.shares_memory(part.bytes, IMAGES)


def test_statistics_are_those_of_the_floats() -> None:
    mean, deviation = Pixels(IMAGES, 200).statistics()
    np.testing.assert_allclose([mean, deviation], [(IMAGES / 200).mean(), (IMAGES / 200).std()])


def test_linear_on_tensors_of_several_dtypes_and_ranks() -> None:
    rng = np.random.default_rng(1)
    for shape in ((3,), (4, 3), (2, 4, 3), (0, 3)):
        x, W, b = rng.normal(size=shape), rng.normal(size=(2, 3)), rng.normal(size=2)
        for dtype in (np.float64, np.float32):
            given = x.astype(dtype)
            out = F.linear(Tensor(given), Tensor(W.astype(dtype)), Tensor(b))
            assert out.dtype == np.float64  # of the bias, as `x @ W.T() + b` would
            np.testing.assert_allclose(out.data, x @ W.T + b, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"Linear: expected x \(\.\.\., in\), .* got \(4, 2\)"):
        F.linear(Tensor(np.ones((4, 2))), Tensor(W), Tensor(b))


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_pictures_have_their_channels_first(key: Any) -> None:
    """With a mean and a deviation for each byte; NumPy's transpose is the oracle."""
    mean, deviation = np.arange(12) / 10, np.arange(1, 13) / 4
    pixels = Pixels(PICTURES, 255, np.float64, mean, deviation, (2, 2, 3))
    rows = (PICTURES.reshape(7, 12) / 255 - mean) / deviation
    expected = rows.reshape(7, 2, 2, 3).transpose(0, 3, 1, 2)
    assert (pixels.shape, pixels.ndim) == ((7, 3, 2, 2), 4)
    np.testing.assert_allclose(pixels[key], expected[key], rtol=1e-14)
    np.testing.assert_allclose(
        np.asarray(pixels.astype(np.float32)), expected, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(pixels.images(2, 5)[:], expected[2:5], rtol=1e-14)
    np.testing.assert_allclose(pixels.flat()[key], rows[key], rtol=1e-14)
    assert np.array_equal(pixels.flat().pictures(2, 2, 3)[key], pixels[key])


def test_means_of_pictures_and_of_channels() -> None:
    pixels = Pixels(PICTURES, 255, picture=(2, 2, 3))
    floats = PICTURES / 255
    np.testing.assert_allclose(pixels.mean_image(), floats.mean(axis=0).ravel(), rtol=1e-14)
    mean, deviation = pixels.channel_statistics()
    np.testing.assert_allclose(mean.reshape(2, 2, 3)[1, 0], floats.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(deviation.reshape(2, 2, 3)[0, 1], floats.std(axis=(0, 1, 2)))
    constant = Pixels(np.zeros((2, 4, 3), np.uint8), 255, picture=(2, 2, 3))
    assert constant.channel_statistics()[1].tolist() == [1.0] * 12
    with pytest.raises(ValueError, match="at least one image"):
        pixels.images(7).mean_image()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"picture": (2, 2, 2)}, ValueError, "a picture of 12 bytes, got 2 x 2 x 2"),
        ({"picture": 12}, TypeError, r"\(height, width, channels\) as picture, got 12"),
        ({"mean": np.zeros(3)}, ValueError, r"a number or an array \(12,\) as mean, got \(3,\)"),
        ({"mean": np.full(12, np.nan)}, ValueError, "mean of finite numbers"),
        ({"deviation": np.zeros(12)}, ValueError, "deviation of finite numbers, of at least 1e-30"),
        ({"mean": np.array(["a"] * 12)}, TypeError, "real numbers as mean"),
    ],
)
def test_settings_that_do_not_fit(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Pixels(PICTURES, 255, **options)
