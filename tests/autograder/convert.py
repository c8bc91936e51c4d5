"""Converts a file of weights from one course's convention to another's.

`python -m mytorch convert --from cmu-s19-s20 --to cmu-s24 FILE.npz`. An array is
recognised by the source's name for it anywhere in its key: `W0`, `layers.0.W`, `fc1_W`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.system.atomic import replacing
from tests.autograder.course import all_courses, find_course
from tests.autograder.shared.conventions import Conventions

VECTORS = ("gamma", "beta", "dgamma", "dbeta", "running_mean", "running_var")
WEIGHTS, BIASES = ("W", "dW"), ("b", "db")
OF_OPTIMIZER = re.compile(r"(?:^|[._])(?:v|m|momentum)_")
"""What stands before the name of an array that an optimizer keeps."""
BIAS_SHAPES = {"out, 1": (None, 1), "1, out": (1, None)}
KINDS = (*VECTORS, *WEIGHTS, *BIASES)


class Unfit(ValueError):
    """The file does not have what it should; the text says what."""


def converted(
    arrays: Mapping[str, Any], source: Conventions, target: Conventions, rows: int | None = None
) -> dict[str, Any]:
    """The arrays under the target's names, in its shapes.

    Gradients are means over a batch of `rows` in one convention and sums in another. Raises Unfit
    where there is no array, one that is not known or not of the source's shape, or a gradient whose
    `rows` are needed.
    """
    if not arrays:
        raise Unfit("there is no array in it")
    found, outputs = {}, dict[str, tuple[str, int]]()
    for key, array in arrays.items():
        kind, new = _renamed(key, source, target)
        if array.dtype.kind not in "fiu":
            raise Unfit(f"{key}: expected numbers, got an array of {array.dtype}")
        if kind in WEIGHTS:
            value = _weights(key, array, source, target)
        elif kind in BIASES:
            value = target.biases(_bias(key, array, source))
        elif max(array.shape, default=0) != array.size:
            raise Unfit(f"{key}: expected a number for each feature; got the shape {array.shape}")
        else:
            value = target.batch(source.batch(array))
        if kind in (*WEIGHTS, *BIASES):
            _check_outputs(key, kind, array, source, outputs)
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
    """Which array a key is, and its key in the target's names.

    Of a path such as `params.weight` a parameter may have the last part alone.
    """
    kinds = sorted(KINDS, key=lambda kind: -len(source.name(kind)))
    whole = [(kind, source.name(kind)) for kind in kinds]
    short = [(kind, source.name(kind).split(".")[-1]) for kind in ("W", "b")]
    for kind, name in (*whole, *short):
        match = re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z.])", key)
        if match and OF_OPTIMIZER.search(key[: match.start()]):
            raise Unfit(
                f"{key} is what an optimizer keeps, which is not the same number in every course; "
                "leave it out of the file"
            )
        if match:
            new = target.name(kind)
            if (kind, name) in short:
                new = new.split(".")[-1]
            return kind, key[: match.start()] + new + key[match.end() :]
    known = ", ".join(source.name(kind) for kind in KINDS)
    raise Unfit(
        f"{key} is none of the names of the source's arrays: {known}; leave it out of the file, "
        "or rename it"
    )


def _weights(key: str, array: Any, source: Conventions, target: Conventions) -> Any:
    if array.ndim != 2:
        raise Unfit(f"{key}: expected a matrix ({source.weight}), got the shape {array.shape}")
    return target.weights(source.weights(array))


def _bias(key: str, array: Any, source: Conventions) -> Any:
    """As a row; one that has the source's shape, or is a plain vector."""
    wanted = BIAS_SHAPES.get(source.bias, array.shape)
    fits = len(wanted) == array.ndim and all(
        size in (None, found) for size, found in zip(wanted, array.shape, strict=True)
    )
    if max(array.shape, default=0) != array.size or not (fits or array.ndim == 1):
        raise Unfit(f"{key}: expected a bias ({source.bias}), got the shape {array.shape}")
    return np.reshape(array, (1, -1))


def _check_outputs(
    key: str, kind: str, array: Any, source: Conventions, seen: dict[str, tuple[str, int]]
) -> None:
    """Raises Unfit where the weight and the bias of a layer differ in the number of outputs."""
    size = source.weights(array).shape[0] if kind in WEIGHTS else array.size
    name = source.name(kind)
    short = name if name in key else name.split(".")[-1]
    layer = f"{kind.startswith('d')} {key.replace(short, '*', 1)}"
    other, outputs = seen.setdefault(layer, (key, size))
    if outputs != size and source.weight != "either":
        raise Unfit(
            f"{other} is of {outputs} outputs and {key} of {size}, if a weight is "
            f"({source.weight}); is the file of another course?"
        )


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
    parser.add_argument(
        "--rows", type=int, metavar="N", help="how many rows the batch had; for gradients"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="(default: FILE-COURSE.npz)")
    options = parser.parse_args(list(arguments))
    if options.rows is not None and options.rows < 1:
        parser.error(f"--rows: expected a number of at least 1, got {options.rows}")
    try:
        source, target = find_course(options.source), find_course(options.target)
        name = f"{options.file.stem}-{target.name.replace('_', '-')}.npz"
        output = options.output or options.file.parent / name
        arrays = _arrays(options.file)
        found = converted(arrays, source.spelling, target.spelling, options.rows)
        with replacing(output) as file:
            np.savez(file, **found)
    except LookupError as error:
        return _refused(str(error.args[0]))
    except OSError as error:
        return _refused(f"{error.filename or options.file}: {error.strerror or error}")
    except Unfit as error:
        return _refused(f"{options.file}: {error}")
    print(f"wrote {output}: {', '.join(f'{k} {v.shape}' for k, v in found.items())}")
    return 0


def _arrays(file: Path) -> dict[str, Any]:
    """The arrays of a file by their names. Raises OSError, or Unfit where it has none."""
    try:
        with open(file, "rb") as opened:  # NumPy leaves a damaged file open that it opened itself
            loaded = np.load(opened, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise Unfit("expected a .npz file of named arrays, got a .npy file of one")
            return dict(loaded)
    except Unfit:
        raise
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        raise Unfit(
            "expected a .npz file of arrays of numbers; this is another kind of file, or damaged"
        ) from None


def _refused(text: str) -> int:
    print(f"convert: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    sys.exit(main(sys.argv[1:]))
