#!/usr/bin/env python3
"""Trains an MLP on MNIST, prints its figures and leaves curves, statistics and weights.

Without network and without MNIST it says so and trains on the digits that come with the library.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # this checkout's mytorch, installed or not

try:
    import numpy as np
except ModuleNotFoundError:
    sys.exit("train.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")
from recipes import ACTIVATIONS, INITIALIZERS, RECIPES, Recipe, build

from mytorch import MLP
from mytorch.datasets import NAMES, DataError, DataMissing, PixelDataset, load_pixels
from mytorch.files import replacing
from mytorch.plotting import plot_training_stats
from mytorch.training import Epoch, evaluate, save_weights, train_epochs


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code: 0 done, 1 failed, 130 interrupted."""
    options = parse(arguments)
    try:
        check_output(options.output)
        return run(options, recipe_of(options))
    except (DataError, ValueError, FloatingPointError) as error:
        print(f"train.py: {error}", file=sys.stderr)
    except OSError as error:
        place = error.filename or options.output
        print(f"train.py: {place}: {error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("train.py: interrupted", file=sys.stderr)
        return 130
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
    """Loads, trains, evaluates and writes."""
    started = time.perf_counter()
    np.random.seed(options.seed)
    name, dset = load_data(options.data, options.dtype, recipe.normalized)
    (x, y), _, _ = dset
    mlp = build(recipe, x.shape[1], y.shape[1], options.dtype)
    sizes = ", ".join(f"{len(x):,} {what}" for (x, _), what in zip(dset, PARTS, strict=True))
    print(f"data   {name}: {sizes}")
    print(f"recipe {options.recipe}, batch {recipe.batch_size}, seed {options.seed}")
    print(mlp, end="\n\n", flush=True)

    epochs, interrupt = train(mlp, dset, recipe)
    if interrupt and not epochs:
        raise interrupt
    test_loss, test_error = evaluate(mlp, *dset[2])
    wrong = round(test_error * len(dset[2][0]))
    print(f"\ntest   loss {test_loss:.4f}, error {test_error:.4f}: ", end="")
    print(f"{wrong:,} of {len(dset[2][0]):,} images wrong, {1 - test_error:.2%} right")

    write(
        options.output,
        mlp,
        epochs,
        {
            "recipe": options.recipe,
            "data": name,
            "seed": options.seed,
            "dtype": options.dtype,
            **dataclasses.asdict(recipe),
            "epochs": len(epochs),
            "test_loss": test_loss,
            "test_error": test_error,
            "seconds": round(time.perf_counter() - started, 3),
        },
    )
    if interrupt:
        print("train.py: interrupted; the weights are of the middle of an epoch", file=sys.stderr)
    return 130 if interrupt else 0


PARTS = ("training", "validation", "test")


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
    mlp: MLP, dset: PixelDataset, recipe: Recipe
) -> tuple[list[Epoch], KeyboardInterrupt | None]:
    """Trains with a table line per epoch; what was reached before an interrupt is kept."""
    epochs: list[Epoch] = []
    print("epoch  train loss   error   val loss   error  seconds", flush=True)
    started = time.perf_counter()
    try:
        for epoch in train_epochs(mlp, dset, recipe.epochs, recipe.batch_size):
            epochs.append(epoch)
            mlp.lr *= recipe.lr_decay
            now = time.perf_counter()
            print(
                f"{len(epochs):5}  {epoch.training_loss:10.4f}  {epoch.training_error:.4f} "
                f"{epoch.validation_loss:10.4f}  {epoch.validation_error:.4f} {now - started:8.2f}",
                flush=True,
            )
            started = now
    except KeyboardInterrupt as interrupt:
        return epochs, interrupt
    return epochs, None


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


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; options that belong to the recipe are None where they are not given."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="train.py",
        description=__doc__,
        epilog="The recipes: "
        + "; ".join(
            f"{name} is {'-'.join(map(str, ('in', *r.hiddens, 'out')))} {r.activation}, "
            f"lr {r.lr:g}, momentum {r.momentum:g}, {r.epochs} epochs"
            for name, r in RECIPES.items()
        )
        + ".",
    )
    parser.add_argument(
        "--recipe", choices=RECIPES, default="2019", help="where the options below start (2019)"
    )
    network = parser.add_argument_group("network, instead of the recipe's")
    network.add_argument(
        "--hiddens",
        type=_whole(1),
        nargs="*",
        metavar="N",
        help="units of each hidden layer, e.g. 64 64 32; none for a linear classifier",
    )
    network.add_argument(
        "--activation",
        choices=ACTIVATIONS,
        metavar="NAME",
        help=f"of the hidden layers: {', '.join(ACTIVATIONS)}",
    )
    network.add_argument(
        "--init",
        choices=INITIALIZERS,
        metavar="NAME",
        help=f"of the weights: {', '.join(INITIALIZERS)}",
    )
    network.add_argument(
        "--batch-norm", type=_whole(0), metavar="N", help="normalise the first N layers"
    )
    training = parser.add_argument_group("training, instead of the recipe's")
    training.add_argument("--lr", type=_number(0), metavar="RATE", help="learning rate")
    training.add_argument(
        "--lr-decay",
        type=_number(0),
        metavar="FACTOR",
        help="multiplies the learning rate every epoch",
    )
    training.add_argument(
        "--momentum",
        type=_number(0),
        metavar="SHARE",
        help="share of the last step to repeat",
    )
    training.add_argument("--epochs", type=_whole(1), metavar="N", help="passes over the data")
    training.add_argument("--batch-size", type=_whole(1), metavar="N", help="samples in a step")
    training.add_argument(
        "--normalized",
        action=argparse.BooleanOptionalAction,
        help="pixels of mean 0 and deviation 1, instead of 0 to 1",
    )
    rest = parser.add_argument_group("data, numbers and files")
    rest.add_argument(
        "--data",
        choices=("auto", *NAMES),
        default="auto",
        help="auto: MNIST, or the digits where it can't be had (auto)",
    )
    rest.add_argument(
        "--dtype",
        choices=("float32", "float64"),
        default="float32",
        help="precision of the computation (float32)",
    )
    rest.add_argument(
        "--seed", type=_whole(0), default=0, metavar="N", help="seed of the random numbers (0)"
    )
    rest.add_argument(
        "--output",
        type=Path,
        default=HERE,
        metavar="DIR",
        help="folder for pictures, statistics and weights (hw1)",
    )
    return parser.parse_args(arguments)


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe with the options that were given in place of its own."""
    names = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if "hiddens" in given:
        given["hiddens"] = tuple(given["hiddens"])
    return dataclasses.replace(RECIPES[options.recipe], **given)


def _whole(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least}, got {text!r}")
        return int(text)

    return number


def _number(least: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not least <= value < np.inf:
            raise argparse.ArgumentTypeError(f"expected a number from {least:g}, got {text!r}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
