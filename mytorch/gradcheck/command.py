"""`python -m mytorch gradcheck FILE:CLASS`: checks a layer of one's own, and finds the wrong line.

python -m mytorch gradcheck mylayer.py:Scale
python -m mytorch gradcheck "mylayer.py:Dense(3, 2)" --shape 5,3
"""

from __future__ import annotations

import argparse
import importlib.util
import linecache
import sys
import textwrap
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.gradcheck.check import gradcheck
from mytorch.gradcheck.copying import copied
from mytorch.system.commandline import Parser, number, whole

ROWS, COLUMNS, WIDE = 5, 3, 7
"""The shape of the inputs where none is asked for; wide for a layer that takes any, so that one
that looks at windows has several of them."""


class WrongUse(ValueError):
    """The command names something that is not there."""


def main(arguments: Sequence[str]) -> int:
    """Checks and reports: 0 where all gradients agree, 1 where not, 2 where nothing was checked."""
    options = _parser().parse_args(arguments)
    inputs: list[Any] = []
    try:
        target = made(options.target)
        inputs = drawn(target, options.shape, options.seed)
        report = gradcheck(target, *inputs, locate=options.effort > 0, seconds=options.effort)
    except Exception as error:
        own = raised_in(options.target.partition(":")[0], error)
        if own and inputs and options.shape is None:
            own += f"\nIts input was {inputs[0].shape}; for another, e.g. --shape 2,3,4,4"
        if not own and not isinstance(error, TypeError | ValueError):
            raise
        print(own or f"gradcheck: {str(error).removeprefix('gradcheck: ')}", file=sys.stderr)
        return 2
    print(report)
    return 0 if report else 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        "python -m mytorch gradcheck",
        "Compares the gradients of a layer or a criterion with finite differences; "
        "where they differ, searches the line that is wrong.",
    )
    add = parser.add_argument
    add("target", metavar="FILE:CLASS", help='such as mylayer.py:Scale or "mylayer.py:Dense(3, 2)"')
    add("--shape", type=shape, metavar="N,M", help="of the inputs (default: 5 rows, of 7 columns "
        "or as many as the weights have rows)")  # fmt: skip
    add("--seed", type=whole(0), default=0, metavar="N", help="draws other inputs")
    add("--effort", type=number(0), default=10.0, metavar="SECONDS",
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


def raised_in(file: str, error: Exception) -> str:
    """What an exception of the checked code says, and its line; empty for one of the check."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve() == Path(file).resolve()]
    if isinstance(error, WrongUse) or not own:
        return ""
    line, method = own[-1].lineno or 1, own[-1].name
    text = f"line {line} of {Path(file).name}, in {method}: {type(error).__name__}: {error}"
    shown = linecache.getline(own[-1].filename, line).rstrip()
    said = textwrap.wrap(text, 80, subsequent_indent="  ", break_long_words=False)
    return "\n".join([*said, f"{line:5} | {shown[:72]}"])


def drawn(target: Any, wanted: tuple[int, ...] | None, seed: int) -> list[Any]:
    """Random inputs, with labels for a criterion."""
    rng = np.random.default_rng(seed)
    criterion = hasattr(target, "derivative") and not hasattr(target, "backward")
    if wanted is None:
        wide = not criterion and _takes(target, (ROWS, WIDE))
        wanted = (ROWS, WIDE if wide else _columns(target))
    x = rng.normal(size=wanted)
    return [x, np.eye(x.shape[-1])[rng.integers(0, x.shape[-1], len(x))]] if criterion else [x]


def _takes(layer: Any, shape: tuple[int, ...]) -> bool:
    """Whether `forward` of a layer takes an input of a shape."""
    try:
        copied(layer).forward(np.random.default_rng(0).normal(size=shape))
    except Exception:  # whatever a layer raises for a shape that it is not made for
        return False
    return True


def _columns(target: Any) -> int:
    """The rows of the weights, or the columns of another parameter."""
    arrays = [a for a in vars(target).values() if isinstance(a, np.ndarray) and a.ndim == 2]
    if not arrays:
        return COLUMNS
    return int(arrays[0].shape[0] if len(arrays[0]) > 1 else arrays[0].shape[1])
