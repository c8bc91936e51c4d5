"""Converts a file of weights from one course's convention to another's.

`python -m mytorch convert --from cmu-s19-s20 --to cmu-s24 FILE.npz`. An array is
recognised by the source's name for it anywhere in its key: `W0`, `layers.0.W`, `fc1_W`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.system.atomic import replacing
from tests.autograder.course import all_courses, find_course
from tests.autograder.shared.conventions import Conventions

VECTORS = ("gamma", "beta", "dgamma", "dbeta", "running_mean", "running_var")
WEIGHTS, BIASES = ("W", "dW"), ("b", "db")
KINDS = (*VECTORS, *WEIGHTS, *BIASES)


class Unfit(ValueError):
    """The file does not have what it should; the text says what."""


def converted(
    arrays: Mapping[str, Any], source: Conventions, target: Conventions, rows: int | None = None
) -> dict[str, Any]:
    """The arrays under the target's names, in its shapes.

    Gradients are means over a batch of `rows` in one convention and sums in another. Raises Unfit
    where an array is not known, not of the source's shape, or a gradient whose `rows` are needed.
    """
    found = {}
    for key, array in arrays.items():
        kind, new = _renamed(key, source, target)
        if kind in WEIGHTS:
            value = _weights(key, array, source, target)
        elif kind in BIASES:
            value = target.biases(np.reshape(array, (1, -1)))
        else:
            value = target.batch(source.batch(array))
        if kind in ("dW", "db") and source.mean != target.mean:
            if rows is None:
                raise Unfit(
                    f"{key} is a gradient, a mean over the batch in one of the two conventions; "
                    "say how many rows the batch had: --rows N"
                )
            value = value * (1 / rows if target.mean == "layer" else rows)
        if new in found:
            raise Unfit(f"two arrays would be called {new}; rename one of them")
        found[new] = value
    return found


def _renamed(key: str, source: Conventions, target: Conventions) -> tuple[str, str]:
    """Which array a key is, and its key in the target's names."""
    for kind in sorted(KINDS, key=lambda kind: -len(source.name(kind))):
        for name in dict.fromkeys((source.name(kind), source.name(kind).split(".")[-1])):
            match = re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z.])", key)
            if match and name != "grad":
                short = target.name(kind) if "." in name else target.name(kind).split(".")[-1]
                new = short if short != "grad" else target.name(kind)
                return kind, key[: match.start()] + new + key[match.end() :]
    known = ", ".join(source.name(kind) for kind in KINDS)
    raise Unfit(f"{key} is none of the names of the source's arrays: {known}")


def _weights(key: str, array: Any, source: Conventions, target: Conventions) -> Any:
    if array.ndim != 2:
        raise Unfit(f"{key}: expected a matrix, {source.weight}; got the shape {array.shape}")
    return target.weights(source.weights(array))


def main(arguments: Sequence[str]) -> int:
    """Converts one file and returns the exit code; 2 where that cannot be done."""
    names = [course.name.replace("_", "-") for course in all_courses()]
    parser = argparse.ArgumentParser(
        prog="python -m mytorch convert",
        description="Converts weights from one course's convention to another's; "
        f"courses: {', '.join(names)}.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.npz")
    parser.add_argument("--from", dest="source", required=True, metavar="COURSE")
    parser.add_argument("--to", dest="target", required=True, metavar="COURSE")
    parser.add_argument("--rows", type=int, metavar="N", help="of the batch, for gradients")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: FILE-COURSE.npz")
    options = parser.parse_args(list(arguments))
    if options.rows is not None and options.rows < 1:
        parser.error(f"--rows: expected a number of at least 1, got {options.rows}")
    output = options.output or options.file.with_name(f"{options.file.stem}-{options.target}.npz")
    try:
        source, target = find_course(options.source), find_course(options.target)
        with np.load(options.file, allow_pickle=False) as arrays:
            found = converted(dict(arrays), source.spelling, target.spelling, options.rows)
        with replacing(output) as file:
            np.savez(file, **found)
    except LookupError as error:
        return _refused(str(error.args[0]))
    except OSError as error:
        return _refused(f"{error.filename or options.file}: {error.strerror or error}")
    except (ValueError, EOFError) as error:
        return _refused(f"{options.file}: {error}")
    print(f"wrote {output}: {', '.join(f'{k} {v.shape}' for k, v in found.items())}")
    return 0


def _refused(text: str) -> int:
    print(f"convert: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    sys.exit(main(sys.argv[1:]))
