#!/usr/bin/env python3
"""Trains networks on CIFAR-10 as a course report did, and leaves curves, figures and weights.

Without CIFAR-10 it says so, and a small ConvNet learns the digits that come with the library.
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # this checkout's mytorch, installed or not

# Before NumPy is imported: threads of OpenBLAS sleep while there is no product to share, instead of
# asking for work on a core that another program could use.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
if find_spec("numpy") is None:
    sys.exit("cifar10.py: NumPy is missing; ./grade.sh c installs it into .venv/bin/python")
import numpy as np
from cifar10_options import parse, recipe_of
from cifar10_pictures import draw_confusion, draw_curves, draw_mistakes
from cifar10_recipes import RECIPES, Recipe, build
from resuming import Keeper
from train import exit_code

from mytorch import Network
from mytorch.checks.arrays import FloatArray
from mytorch.datasets import DataMissing, Pixels, cifar10, load_pixels
from mytorch.numeric.softmax import softmax
from mytorch.optim.schedule import CosineLR, Schedule, StepLR
from mytorch.system.atomic import replacing
from mytorch.training import StepTraining, Training, save_weights

__all__ = ["RECIPES", "Recipe", "build", "main"]

Split = tuple[Pixels, FloatArray]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code: 0 done, 1 failed, 130 interrupted, 143 ended."""
    options = parse(arguments, __doc__, HERE / "cifar10-results")
    return exit_code("cifar10.py", options.output, lambda: run(options))


def run(options: argparse.Namespace) -> int:
    """Trains and writes what came of it."""
    started = time.perf_counter()
    name, recipe_name, dset, classes = load_data(options)
    recipe = recipe_of(options, recipe_name)
    train, test = (x.normalized(*statistics(dset[0][0], recipe)) for x, _ in dset)
    dset = (train, dset[0][1]), (test, dset[1][1])
    rng = np.random.default_rng(options.seed)
    _, *picture = train.shape
    network = build(recipe, options.dtype, rng, tuple(picture), len(classes))
    print(f"data   {name}: {len(train):,} training, {len(test):,} test pictures")
    print(f"recipe {recipe_name}, batch {recipe.batch_size}, seed {options.seed}")
    print(network, end="\n\n", flush=True)

    asked = {"recipe": recipe_name, "data": name}
    asked |= {option: getattr(options, option) for option in ("seed", "dtype", "threads")}
    facts = {**asked, **dataclasses.asdict(recipe)}
    schedule = schedule_of(recipe, network)
    ends = {"steps"} if schedule is None else set()  # what another end changes on the way
    keeper = Keeper(
        options.checkpoint, options.every, {k: v for k, v in facts.items() if k not in ends}
    )
    training = StepTraining(network, dset, recipe.batch_size, rng, options.threads, "cifar10.py")
    if line := keeper.begin(training, options.resume, recipe.steps):
        print(line, end="\n\n", flush=True)
    with keeper.minding_signals(training):
        interrupt = trained(training, recipe, keeper, schedule)
    if interrupt and not training.evaluations:
        raise interrupt
    if not options.resume:  # the time of the processes before is not known
        facts["seconds"] = round(time.perf_counter() - started, 3)
    write(options.output, training, dset[1], facts, classes)
    if interrupt:
        print("cifar10.py: interrupted; the weights are of the last step", file=sys.stderr)
    return 130 if interrupt else 0


def load_data(
    options: argparse.Namespace,
) -> tuple[str, str, tuple[Split, Split], tuple[str, ...]]:
    """Name, recipe, training and test data, and the names of the classes.

    "auto" is CIFAR-10 where it can be had, else the digits, with the recipe for these.
    """
    if options.data == "digits" or (options.data == "auto" and options.recipe == "digits"):
        return digits(options)
    folder = None if options.data in ("auto", "cifar10") else Path(options.data)
    try:
        data = cifar10.read(folder)
    except DataMissing as error:
        if options.data != "auto":
            raise
        print(f"{error}\n\nTraining a small ConvNet on the digits that come with the library.\n")
        return digits(options)
    if data.is_part:
        print(f"This is {data.about}.\nFigures of it are not those of CIFAR-10.\n")
    train, _, test = cifar10.splits(data, options.dtype, 0)
    recipe = options.recipe
    if recipe == "digits":
        raise ValueError("--recipe digits is for --data digits, and this is CIFAR-10")
    return (
        "a part of cifar10" if data.is_part else "cifar10",
        recipe,
        (train, test),
        cifar10.CLASSES,
    )


def digits(
    options: argparse.Namespace,
) -> tuple[str, str, tuple[Split, Split], tuple[str, ...]]:
    """The digits as pictures of 8x8."""
    train, _, test = load_pixels("digits", options.dtype)
    splits = tuple((x.pictures(8, 8), y) for x, y in (train, test))
    return "digits", "digits", (splits[0], splits[1]), tuple("0123456789")


def statistics(x: Pixels, recipe: Recipe) -> Any:
    """What is subtracted and what then divides: of each colour, or the mean picture and 1."""
    return x.channel_statistics() if recipe.standardized else (x.mean_image(), 1.0)


def schedule_of(recipe: Recipe, network: Network) -> Schedule | None:
    """The schedule that a recipe names, for its number of steps."""
    if recipe.lr_schedule == "cosine":
        return CosineLR(network.optimizer, recipe.steps)
    if recipe.lr_schedule == "step":
        return StepLR(network.optimizer, -(-recipe.steps // 3))
    return None


def trained(
    training: StepTraining, recipe: Recipe, keeper: Keeper, schedule: Schedule | None
) -> KeyboardInterrupt | None:
    """Trains with a table line per test; what was reached before an interrupt is kept."""

    def after_step(run: Training) -> None:
        if schedule is not None:
            schedule.step()
        measured = training.evaluations and training.evaluations[-1].step == training.begun
        (keeper.after_epoch if measured else keeper.after_batch)(run)

    print(" step  train loss  accuracy  test loss  accuracy  seconds", flush=True)
    started, first = time.perf_counter(), training.begun
    try:
        for step, loss, error in training.steps(recipe.steps, recipe.eval_every, after_step):
            now = time.perf_counter()
            train_loss = np.mean(training.losses[first:step])
            accuracy = 1 - np.mean(training.batch_errors[first:step])
            print(
                f"{step:5}  {train_loss:10.4f}  {accuracy:8.4f}  {loss:9.4f}  {1 - error:8.4f}  "
                f"{now - started:7.1f}",
                flush=True,
            )
            started, first = now, step
    except KeyboardInterrupt as interrupt:
        return interrupt
    return None


def write(
    folder: Path,
    training: StepTraining,
    test: Split,
    facts: dict[str, Any],
    classes: tuple[str, ...],
) -> None:
    """Prints the result; leaves pictures, `stats.json` and `weights.npz` in `folder`."""
    steps, losses, errors = zip(*training.evaluations, strict=True)
    accuracies = [1 - error for error in errors]
    best = int(np.argmax(accuracies))
    print(f"\ntest   accuracy {accuracies[-1]:.4f} after step {steps[-1]:,}; ", end="")
    print(f"best {accuracies[best]:.4f} after step {steps[best]:,}")
    x, y = test
    facts |= {
        "steps": training.begun,
        "test_accuracy": accuracies[-1],
        "best_test_accuracy": accuracies[best],
        "test_steps": steps,
        "test_losses": losses,
        "test_accuracies": accuracies,
        "training_losses": training.losses,
        "training_accuracies": [1 - error for error in training.batch_errors],
    }
    probabilities = predicted(training.mlp, x)
    labels = y.argmax(axis=1)
    confusion = np.zeros((len(classes), len(classes)), int)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    facts["confusion"] = confusion.tolist()
    with replacing(folder / "stats.json") as file:
        file.write(json.dumps(facts, indent=2, allow_nan=False).encode() + b"\n")
    save_weights(training.mlp, folder / "weights.npz")
    title = f"{facts['data']}, recipe {facts['recipe']}, test accuracy {accuracies[-1]:.4f}"
    draw_curves(folder / "curves.png", facts, title)
    draw_confusion(folder / "confusion.png", confusion, classes, title)
    draw_mistakes(folder / "mistakes.png", x, labels, probabilities, classes, title)
    print("wrote  curves.png, confusion.png, mistakes.png, stats.json, weights.npz")
    print(f"       into {folder}")


def predicted(network: Network, x: Pixels) -> FloatArray:
    """The probabilities of the classes, `(N, classes)`."""
    network.eval()
    rows = range(0, len(x), 100)
    return np.concatenate([softmax(network.forward(x[start : start + 100])) for start in rows])


if __name__ == "__main__":
    sys.exit(main())
