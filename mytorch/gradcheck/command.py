"""`python -m mytorch gradcheck FILE:CLASS`: checks a layer of one's own, and finds the wrong line.

python -m mytorch gradcheck mylayer.py:Scale
python -m mytorch gradcheck "mylayer.py:Dense(3, 2)" --shape 5,3
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.gradcheck.check import gradcheck

ROWS, COLUMNS = 5, 3
"""The shape of the inputs where none is asked for."""


class WrongUse(ValueError):
    """The command names something that is not there."""


def main(arguments: Sequence[str]) -> int:
    """Checks and reports; returns 0 where all gradients agree, 1 where not, 2 for wrong use."""
    options = _parser().parse_args(arguments)
    try:
        target = made(options.target)
        inputs = drawn(target, options.shape, options.seed)
        report = gradcheck(target, *inputs, locate=options.effort > 0, seconds=options.effort)
    except (WrongUse, TypeError, ValueError) as error:
        print(f"gradcheck: {error}", file=sys.stderr)
        return 2
    print(report)
    return 0 if report else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mytorch gradcheck",
        description="Compares the gradients of a layer or a criterion with finite differences; "
        "where they differ, searches the line that is wrong.",
    )
    add = parser.add_argument
    add("target", metavar="FILE:CLASS", help='such as mylayer.py:Scale or "mylayer.py:Dense(3, 2)"')
    add("--shape", type=shape, metavar="N,M", help="of the inputs (default: 5 rows, as many "
        "columns as the weights have rows)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="draws other inputs")
    add("--effort", type=float, default=10.0, metavar="SECONDS",
        help="how long the line is searched; 0 for not at all (default: 10)")  # fmt: skip
    return parser


def shape(text: str) -> tuple[int, ...]:
    """`5,3` as a shape."""
    try:
        sizes = tuple(int(word) for word in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"expected sizes such as 5,3, got {text}")
    return sizes


def made(text: str) -> Any:
    """The object that `FILE:CLASS` or `FILE:CLASS(arguments)` names.

    Arguments are numbers, texts and other literals, or names of the file. Raises WrongUse where
    there is no such file or class.
    """
    file, _, what = text.partition(":")
    if not what or not Path(file).is_file():
        raise WrongUse(f"expected FILE:CLASS with a Python file that is there, got {text}")
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    if spec is None or spec.loader is None:
        raise WrongUse(f"expected a Python file, got {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(Path(file).resolve().parent))
    spec.loader.exec_module(module)
    try:
        thing = eval(what, vars(module))
    except (NameError, SyntaxError) as error:
        raise WrongUse(f"{file} has no {what}: {error}") from None
    if not isinstance(thing, type):
        return thing
    try:
        return thing()
    except TypeError as error:
        raise WrongUse(f'{error}; write "{file}:{what}(...)" with its arguments') from None


def drawn(target: Any, wanted: tuple[int, ...] | None, seed: int) -> list[Any]:
    """Random inputs, with labels for a criterion."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=wanted or (ROWS, _columns(target)))
    if hasattr(target, "derivative") and not hasattr(target, "backward"):
        return [x, np.eye(x.shape[-1])[rng.integers(0, x.shape[-1], len(x))]]
    return [x]


def _columns(target: Any) -> int:
    """The rows of the weights, or the columns of another parameter."""
    arrays = [a for a in vars(target).values() if isinstance(a, np.ndarray) and a.ndim == 2]
    if not arrays:
        return COLUMNS
    return int(arrays[0].shape[0] if len(arrays[0]) > 1 else arrays[0].shape[1])
