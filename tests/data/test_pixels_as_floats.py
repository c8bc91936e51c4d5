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
