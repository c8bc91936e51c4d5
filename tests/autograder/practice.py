"""Trains with a student's own code and draws what it returns; run by `./grade.sh m` in a handout.

The classic part calls `get_training_stats` of `hw1/hw1.py`, the autograd part `mnist` of
`hw1/mnist.py`. There is no training loop here.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.datasets import DataError, DataMissing, load
from mytorch.plotting import plot_training_stats, plot_validation_accuracy
from tests.autograder.course import NOT_WRITTEN, all_courses, find_course
from tests.autograder.places import Sources
from tests.submission.loading import described, frames
from tests.support.terminal import WIDTH

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {"mnist": ((64, 64, 32), 0.008, 30), "digits": ((32, 32), 0.3, 10)}
"""For each data set the hidden layers, the learning rate and the epochs; the first is 000 §3's."""
MOMENTUM, BATCH_SIZE = 0.9, 100


def main(arguments: Sequence[str]) -> int:
    """Trains what is written; returns 1 where that is nothing, or did not come to its end."""
    parser = argparse.ArgumentParser(
        prog="./grade.sh m",
        allow_abbrev=False,
        description="Trains with your code, on MNIST or the digits, and leaves plots in hw1/.",
    )
    parser.add_argument("part", nargs="?", choices=("classic", "autograd"), help="only this one")
    parser.add_argument("--data", choices=("auto", *SETTINGS), default="auto")
    parser.add_argument("--epochs", type=int, metavar="N", help="of the classic part")
    parser.add_argument("--lr", type=float, metavar="RATE", help="of the classic part")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    parts = {"classic": classic, "autograd": autograd}
    homeworks = {course.title for course in all_courses()}
    there = [part for part in parts if part in homeworks]
    sys.path[:0] = [str(ROOT / name) for name in ("mytorch", "hw1", "")]
    try:
        name, dset = load_data(options.data)
        wanted = [options.part] if options.part else there
        # a list, so that the second part is trained where the first one fails
        results = [trained(part, parts[part], name, dset, options) for part in wanted]
    except (DataError, OSError) as error:
        print(f"m: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("m: interrupted", file=sys.stderr)
        return 130
    return 0 if "trained" in results and "failed" not in results else 1


def load_data(name: str) -> tuple[str, Any]:
    """The data set and its name; "auto" is MNIST where it can be had, else the digits."""
    if name != "auto":
        return name, load(name, np.float32)
    try:
        return "mnist", load("mnist", np.float32)
    except DataMissing:
        print("MNIST is not on this machine: training on the digits that are in data/.")
        return "digits", load("digits", np.float32)


def trained(part: str, train: Callable[..., str], name: str, dset: Any, options: Any) -> str:
    """Trains one part and says what came of it: it is trained, failed, or not written yet."""
    np.random.seed(options.seed)
    try:
        print(f"{part:8} {name}: {train(name, dset, options)}", flush=True)
    except (DataError, OSError):
        raise
    except Exception as error:
        lines = textwrap.wrap(
            f"{part:8} {sentence(error, part)}", WIDTH, subsequent_indent=" " * 9,
            break_on_hyphens=False,
        )  # fmt: skip
        print(*lines, sep="\n", file=sys.stderr)
        return "not written" if is_unwritten(error) else "failed"
    return "trained"


def is_unwritten(error: Exception) -> bool:
    """Whether it is what a template raises until a function is written."""
    return described(error, ROOT).startswith(NOT_WRITTEN)


def sentence(error: Exception, part: str) -> str:
    """What is missing or wrong in the student's code, and in which line of it."""
    command = f"./grade.sh {find_course(part).command}"
    places = Sources(ROOT).places(frames(error, ROOT))
    if places and is_unwritten(error):
        place = places[-1]
        return (
            f"{place.file}, line {place.line}: {place.function} is not written yet; "
            f"{command} says what to write first"
        )
    text = " ".join(f"{type(error).__name__}: {error}".split())
    where = f"{places[-1].where}: " if places and not isinstance(error, SyntaxError) else ""
    return f"did not run: {where}{text}; {command} may say more"


def classic(name: str, dset: Any, options: Any) -> str:
    """Trains an MLP and draws the four curves that `get_training_stats` returns."""
    hw1 = import_module("hw1")
    hiddens, lr, epochs = SETTINGS[name]
    epochs = epochs if options.epochs is None else options.epochs
    mlp = hw1.MLP(
        dset[0][0].shape[1],
        dset[0][1].shape[1],
        list(hiddens),
        [*(hw1.Sigmoid() for _ in hiddens), hw1.Identity()],
        hw1.random_normal_weight_init,
        hw1.zeros_bias_init,
        hw1.SoftmaxCrossEntropy(),
        lr if options.lr is None else options.lr,
        MOMENTUM,
        0,
    )
    curves = hw1.get_training_stats(mlp, dset, epochs, BATCH_SIZE)
    pictures = plot_training_stats(curves, ROOT / "hw1", f"{name}, {epochs} epochs")
    loss, error = float(curves[2][-1]), float(curves[3][-1])
    return (
        f"validation loss {loss:.4f}, error {error:.4f} after {epochs} epochs; "
        f"wrote {len(pictures)} plots into hw1/"
    )


def autograd(name: str, dset: Any, options: Any) -> str:
    """Runs `mnist` and draws the accuracies that it returns."""
    (x, y), (val_x, val_y), _ = dset
    module = import_module("mnist")
    accuracies = module.mnist(x, y.argmax(axis=1), val_x, val_y.argmax(axis=1))
    times = 3 * np.arange(1, len(accuracies) + 1) / max(len(accuracies), 1)
    path = plot_validation_accuracy(times, accuracies, ROOT / "hw1", name)
    return f"validation accuracy {accuracies[-1]:.4f}; wrote {path.name} into hw1/"


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.exit(main(sys.argv[1:]))
