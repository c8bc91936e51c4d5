#!/usr/bin/env python3
"""Trains an MLP on MNIST or on a table of your own; leaves curves, statistics and weights.

Without network and without MNIST it says so and trains on the digits that come with the library.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of a Ctrl-C among the imports

import argparse
import dataclasses
import json
import math
import os
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OUTPUT = HERE if (HERE.parent / "pyproject.toml").exists() else Path()  # not into an installed one
sys.path[:0] = [str(HERE.parent), str(HERE)]  # this checkout's mytorch, installed or not

# Before NumPy is imported: threads of OpenBLAS sleep while there is no product to share, instead of
# asking for work on a core that another program could use.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
if find_spec("numpy") is None:
    sys.exit("train.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")
import numpy as np
from best import Best
from options import parse, recipe_of
from recipes import Recipe, build, schedule_of
from resuming import Keeper, Stopped
from tables import TableData, described, load_table, measured
from weights import criterion_for

from mytorch import Network
from mytorch.datasets import DataError, DataMissing, PixelDataset, load_pixels
from mytorch.optim.schedule import Schedule
from mytorch.plotting import plot_training_stats
from mytorch.system.atomic import replacing
from mytorch.training import Epoch, Training, evaluate, save_weights


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code: 0 done, 1 failed, 130 interrupted, 143 ended."""
    options = parse(arguments, __doc__, OUTPUT)
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
) -> tuple[Network, list[Epoch], dict[str, Any], KeyboardInterrupt | None]:
    """Loads, trains and tests: the network, its epochs, the facts about the run, an interrupt."""
    np.random.seed(options.seed)
    name, dset, table = loaded(options, recipe)
    mlp = network_for(options, recipe, dset, table)
    sizes = ", ".join(f"{len(x):,} {what}" for (x, _), what in zip(dset, SPLITS, strict=True))
    print(f"data   {name}: {sizes}")
    if table is not None:
        print(described(table))
    print(f"recipe {options.recipe}, batch {recipe.batch_size}, seed {options.seed}")
    print(mlp, end="\n\n", flush=True)

    asked = {"recipe": options.recipe, "data": name}
    asked |= {option: getattr(options, option) for option in ("seed", "dtype", "threads")}
    asked |= {"class_weights": options.class_weights, "patience": options.patience or None}
    facts = {**asked, **dataclasses.asdict(recipe)}
    facts |= {} if table is None else table.facts()
    schedule = schedule_of(recipe.lr_schedule, mlp.optimizer, recipe.epochs)
    ends = {"epochs"} if schedule is None else set()  # what another end changes on the way
    lasting = {name: fact for name, fact in facts.items() if name not in ends}
    keeper = Keeper(options.checkpoint, options.every, lasting)
    training = Training(mlp, dset, recipe.batch_size, threads=options.threads)
    if line := keeper.begin(training, options.resume, recipe.epochs):
        print(line, end="\n\n", flush=True)
    best = Best(options.patience, options.checkpoint)
    best.resume(training)
    with keeper.minding_signals(training):
        epochs, interrupt = train(training, recipe, keeper, schedule, best)
    if interrupt and not epochs:
        raise interrupt
    if not interrupt and (line := best.take(mlp)):
        print(line)
    facts |= {"epochs": len(epochs), **tested(mlp, dset[2], table)}
    if table is not None:
        training.save(options.output / "model.npz", lasting)
    return mlp, epochs, facts, interrupt


def loaded(options: argparse.Namespace, recipe: Recipe) -> tuple[str, Any, TableData | None]:
    """The name of the data, their three splits, and the table that they are from, if any."""
    if options.label is None:
        return *load_data(options.data, options.dtype, recipe.normalized), None
    table = load_table(options)
    return table.name, table.dset, table


def network_for(
    options: argparse.Namespace, recipe: Recipe, dset: Any, table: TableData | None
) -> Network:
    """The recipe's network for the data, with the criterion for what is predicted of them."""
    x, y = dset[0]
    classes = table.target.classes if table else tuple(map(str, range(y.shape[1])))
    criterion = criterion_for(classes, y, options.class_weights)
    return build(recipe, x.shape[1], y.shape[1], options.dtype, criterion)


def tested(network: Network, test: Any, table: TableData | None) -> dict[str, Any]:
    """Prints loss and error of the network on the test data, and returns the figures."""
    loss, error = evaluate(network, *test)
    facts, shown = {"test_loss": loss}, ""
    if not math.isnan(error):  # there are classes
        facts["test_error"] = error
        shown = f", error {error:.4f}"
    if table is None:
        count = len(test[0])
        wrong = f"{round(error * count):,} of {count:,} images wrong"
        lines = [f"{wrong}, {1 - error:.2%} right"]
    else:
        figures, lines = measured(network, table)
        facts |= figures
    print(f"\ntest   loss {loss:.4f}{shown}: {lines[0]}", *lines[1:], sep="\n")
    return facts


SPLITS = ("training", "validation", "test")


def load_data(
    name: str, dtype: str, normalized: bool, brief: bool = False
) -> tuple[str, PixelDataset]:
    """The data set and its name; "auto" is MNIST where it can be had, else the digits.

    Which of both it is, and why, is printed; `brief` leaves out the why.
    """
    if name != "auto":
        train, val, test = ((x.flat(), y) for x, y in load_pixels(name, dtype, normalized))
        return name, (train, val, test)
    try:
        return "mnist", load_pixels("mnist", dtype, normalized)
    except DataMissing as error:
        why = "MNIST is not on this machine." if brief else f"{error}\n"
        print(f"{why}\nTraining on the digits that come with the library.\n")
        return "digits", load_pixels("digits", dtype, normalized)


def train(
    training: Training,
    recipe: Recipe,
    keeper: Keeper,
    schedule: Schedule | None,
    best: Best,
) -> tuple[list[Epoch], KeyboardInterrupt | None]:
    """Trains with a table line per epoch; what was reached before an interrupt is kept."""
    print("epoch  train loss   error   val loss   error  seconds", flush=True)
    started = time.perf_counter()
    epochs = recipe.epochs if not best.over else 0
    try:
        for epoch in training.epochs(epochs, keeper.after_batch):
            training.mlp.optimizer.lr *= recipe.lr_decay
            if schedule is not None:
                schedule.step()
            now = time.perf_counter()
            print(
                f"{len(training.finished):5}  {epoch.training_loss:10.4f}  "
                f"{share(epoch.training_error)} {epoch.validation_loss:10.4f}  "
                f"{share(epoch.validation_error)} {now - started:8.2f}",
                flush=True,
            )
            started = now
            best.after_epoch(training)
            keeper.after_epoch(training)
            if best.over:
                break
    except KeyboardInterrupt as interrupt:
        return training.finished, interrupt
    return training.finished, None


def share(error: float) -> str:
    """A fraction misclassified, in six columns; where there are no classes, a dash."""
    return "     -" if math.isnan(error) else f"{error:.4f}"


def write(folder: Path, mlp: Network, epochs: Sequence[Epoch], facts: dict[str, Any]) -> None:
    """Leaves `stats.json`, `weights.npz` and the plots in `folder`."""
    curves = np.array(epochs).T
    names = ("training_losses", "training_errors", "validation_losses", "validation_errors")
    pairs = zip(names, curves, strict=True)
    facts |= {name: curve.tolist() for name, curve in pairs if not np.isnan(curve).any()}
    with replacing(folder / "stats.json") as file:
        file.write(json.dumps(facts, indent=2, allow_nan=False).encode() + b"\n")
    save_weights(mlp, folder / "weights.npz")
    kind = "error" if "test_error" in facts else "loss"
    title = f"{facts['data']}, recipe {facts['recipe']}, test {kind} {facts[f'test_{kind}']:.4f}"
    plots = plot_training_stats(curves, folder, title)
    written = [*(path.name for path in plots), "stats.json", "weights.npz"]
    written += ["model.npz"] if "columns" in facts else []
    text = textwrap.fill(f"{', '.join(written)} into {folder}", 73, break_long_words=False)
    print(textwrap.indent(text, " " * 7).replace(" " * 5, "wrote", 1))


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
