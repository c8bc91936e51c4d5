"""The states of random generators, as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def plain_state(rng: Any) -> Any:
    """The state of a generator, or of NumPy's global one: dictionaries, lists and numbers."""
    return _plain(
        np.random.get_state(legacy=False) if rng is np.random else rng.bit_generator.state
    )


def set_state(rng: Any, state: Any) -> None:
    """Makes a generator, or NumPy's global one, continue from a state."""
    if rng is np.random:
        np.random.set_state(state)
    else:
        rng.bit_generator.state = state


def check_state(rng: Any, state: Any) -> None:
    """ValueError where a state is of another kind of generator; the generator stays as it was."""
    before = plain_state(rng)
    try:
        set_state(rng, state)
    except Exception as error:  # whatever a bit generator makes of another one's state
        raise ValueError(f"its random numbers are of another generator ({error})") from error
    finally:
        set_state(rng, before)


def _plain(state: Any) -> Any:
    """Lists in place of arrays, which every bit generator takes back."""
    if isinstance(state, Mapping):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray | np.generic) else state
