#!/usr/bin/env python3
"""Trains an MLP on MNIST, prints its figures and leaves curves, statistics and weights.

Without network and without MNIST it says so and trains on the digits that come with the library.
"""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # this checkout's mytorch, installed or not

# Before NumPy is imported: threads of OpenBLAS sleep while there is no product to share, instead of
# asking for work on a core that another program could use.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
if find_spec("numpy") is None:
    sys.exit("train.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")
import numpy as np
from options import parse, recipe_of
from recipes import Recipe, build
from resuming import Keeper, Stopped

from mytorch import MLP
from mytorch.datasets import DataError, DataMissing, PixelDataset, load_pixels
from mytorch.plotting import plot_training_stats
from mytorch.system.atomic import replacing
from mytorch.training import Epoch, Training, evaluate, save_weights


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code: 0 done, 1 failed, 130 interrupted, 143 ended."""
    options = parse(arguments, __doc__, HERE)
    return exit_code("train.py", options.output, lambda: run(options, recipe_of(options)))


def exit_code(script: str, output: Path, work: Callable[[], int]) -> int:
    """What `work` returns; another end is said, and has a code of its own."""
    try:
        check_output(output)
        return work()
    except (DataError, ValueError, FloatingPointError) as error:
        print(f"{script}: {error}", file=sys.stderr)
    except OSError as error:
        place = error.filename or output
        print(f"{script}: {place}: {error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{script}: interrupted", file=sys.stderr)
        return 130
    except Stopped as stopped:
        print(f"{script}: {stopped}", file=sys.stderr)
        return stopped.code
    return 1


def check_output(folder: Path) -> None:
    """Makes the folder and writes into it: better an error now than after the training."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:  # not in the words of a file that nobody asked for
        raise OSError(error.errno, error.strerror, str(folder)) from error


def run(options: argparse.Namespace, recipe: Recipe) -> int:
    """Trains and writes what came of it."""
    started = time.perf_counter()
    mlp, epochs, facts, interrupt = trained(options, recipe)  # the images are gone with it
    if not options.resume:  # those of the processes before are not known
        facts["seconds"] = round(time.perf_counter() - started, 3)
    write(options.output, mlp, epochs, facts)
    if interrupt:
        print("train.py: interrupted; the weights are of the middle of an epoch", file=sys.stderr)
    return 130 if interrupt else 0


def trained(
    options: argparse.Namespace, recipe: Recipe
) -> tuple[MLP, list[Epoch], dict[str, Any], KeyboardInterrupt | None]:
    """Loads, trains and tests: the network, its epochs, the facts about the run, an interrupt."""
    np.random.seed(options.seed)
    name, dset = load_data(options.data, options.dtype, recipe.normalized)
    (x, y), _, _ = dset
    mlp = build(recipe, x.shape[1], y.shape[1], options.dtype)
    sizes = ", ".join(f"{len(x):,} {what}" for (x, _), what in zip(dset, SPLITS, strict=True))
    print(f"data   {name}: {sizes}")
    print(f"recipe {options.recipe}, batch {recipe.batch_size}, seed {options.seed}")
    print(mlp, end="\n\n", flush=True)

    asked = {"recipe": options.recipe, "data": name}
    asked |= {option: getattr(options, option) for option in ("seed", "dtype", "threads")}
    facts = {**asked, **dataclasses.asdict(recipe)}
    lasting = {name: fact for name, fact in facts.items() if name != "epochs"}
    keeper = Keeper(options.checkpoint, options.every, lasting)
    training = Training(mlp, dset, recipe.batch_size, threads=options.threads)
    if line := keeper.begin(training, options.resume, recipe.epochs):
        print(line, end="\n\n", flush=True)
    with keeper.minding_signals(training):
        epochs, interrupt = train(training, recipe, keeper)
    if interrupt and not epochs:
        raise interrupt
    test_loss, test_error = evaluate(mlp, *dset[2])
    wrong = round(test_error * len(dset[2][0]))
    print(f"\ntest   loss {test_loss:.4f}, error {test_error:.4f}: ", end="")
    print(f"{wrong:,} of {len(dset[2][0]):,} images wrong, {1 - test_error:.2%} right")

    facts |= {"epochs": len(epochs), "test_loss": test_loss, "test_error": test_error}
    return mlp, epochs, facts, interrupt


SPLITS = ("training", "validation", "test")


def load_data(
    name: str, dtype: str, normalized: bool, brief: bool = False
) -> tuple[str, PixelDataset]:
    """The data set and its name; "auto" is MNIST where it can be had, else the digits.

    Which of both it is, and why, is printed; `brief` leaves out the why.
    """
    if name != "auto":
        return name, load_pixels(name, dtype, normalized)
    try:
        return "mnist", load_pixels("mnist", dtype, normalized)
    except DataMissing as error:
        why = "MNIST is not on this machine." if brief else f"{error}\n"
        print(f"{why}\nTraining on the digits that come with the library.\n")
        return "digits", load_pixels("digits", dtype, normalized)


def train(
    training: Training, recipe: Recipe, keeper: Keeper
) -> tuple[list[Epoch], KeyboardInterrupt | None]:
    """Trains with a table line per epoch; what was reached before an interrupt is kept."""
    print("epoch  train loss   error   val loss   error  seconds", flush=True)
    started = time.perf_counter()
    try:
        for epoch in training.epochs(recipe.epochs, keeper.after_batch):
            training.mlp.optimizer.lr *= recipe.lr_decay
            now = time.perf_counter()
            print(
                f"{len(training.finished):5}  {epoch.training_loss:10.4f}  "
                f"{epoch.training_error:.4f} {epoch.validation_loss:10.4f}  "
                f"{epoch.validation_error:.4f} {now - started:8.2f}",
                flush=True,
            )
            started = now
            keeper.after_epoch(training)
    except KeyboardInterrupt as interrupt:
        return training.finished, interrupt
    return training.finished, None


def write(folder: Path, mlp: MLP, epochs: Sequence[Epoch], facts: dict[str, Any]) -> None:
    """Leaves `stats.json`, `weights.npz` and the plots in `folder`."""
    curves = np.array(epochs).T
    names = ("training_losses", "training_errors", "validation_losses", "validation_errors")
    facts |= {name: curve.tolist() for name, curve in zip(names, curves, strict=True)}
    with replacing(folder / "stats.json") as file:
        file.write(json.dumps(facts, indent=2, allow_nan=False).encode() + b"\n")
    save_weights(mlp, folder / "weights.npz")
    title = f"{facts['data']}, recipe {facts['recipe']}, test error {facts['test_error']:.4f}"
    plots = plot_training_stats(curves, folder, title)
    print(f"wrote  {', '.join(path.name for path in plots[:3])},")
    print(f"       {', '.join(path.name for path in plots[3:])}, stats.json, weights.npz")
    print(f"       into {folder}")


if __name__ == "__main__":
    sys.exit(main())
