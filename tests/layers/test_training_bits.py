"""A step's numbers stay what they were, to the last bit: against fifty steps stored earlier."""

import numpy as np
import pytest

from tests.support.make_training_bits import CASES, FILE, products, trained


@pytest.mark.parametrize(("norms", "criterion", "dtype"), CASES)
def test_training_gives_the_stored_numbers(norms: int, criterion: str, dtype: str) -> None:
    """Bit for bit where this processor computes products as the one that made the file did."""
    with np.load(FILE, allow_pickle=False) as stored:
        same = np.array_equal(products(dtype), stored[f"products {dtype}"])
        tolerance = 0.0 if same else 2e-3 if dtype == "float32" else 1e-10
        for name, array in trained(norms, criterion, dtype).items():
            expected = stored[f"{norms} {criterion} {dtype} {name}"]
            assert array.dtype == expected.dtype == np.dtype(dtype)
            np.testing.assert_allclose(
                array, expected, rtol=tolerance, atol=tolerance, err_msg=name
            )
