"""Remedies that messages give: the text, a call that fails with it, and the remedy carried out."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import Linear
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.tensor import Tensor

Call = Callable[[], Any]
Rows = list[tuple[str, Call, Call]]
X, Y = np.random.default_rng(0).normal(size=(4, 5)), np.eye(3)[[0, 1, 2, 0]]


def t(data: Any = X) -> Tensor:
    return Tensor(data, requires_grad=True)


def linear(n: int = 5, m: int = 3, dtype: Any = None) -> Linear:
    return Linear(n, m, xavier_normal, zeros_bias_init, dtype)


def carry_out(text: str, fails: Call, works: Call) -> None:
    with pytest.raises((TypeError, ValueError, RuntimeError), match=re.escape(text)):
        fails()
    result = works()
    assert result is not False and result is not None, text  # noqa: PT018


def names(rows: Rows) -> list[str]:
    return [row[0][:60] for row in rows]
