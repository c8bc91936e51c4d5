"""Which cases of a test are left out by --quick."""

from collections.abc import Iterable
from typing import Any

import pytest


def first_is_quick(cases: Iterable[Any]) -> list[Any]:
    """The cases, all but the first of them marked slow: each needs a process or a picture."""
    first, *others = cases
    return [first, *(pytest.param(case, marks=pytest.mark.slow) for case in others)]
