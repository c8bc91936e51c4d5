"""The command line of `train.py`."""

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from recipes import ACTIVATIONS, INITIALIZERS, RECIPES, Recipe
from tables import add_options, check_table, data_name

from mytorch.datasets import names

OUTPUTS = (
    *("train_loss.png", "train_error.png", "val_loss.png", "val_error.png", "training_curves.png"),
    *("stats.json", "weights.npz", "model.npz"),
)
"""What train.py leaves in its output folder."""


def parse(
    arguments: Sequence[str] | None, description: str | None, output: Path
) -> argparse.Namespace:
    """The command line; options that belong to the recipe are None where they are not given."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="train.py",
        description=description,
        epilog="The recipes: "
        + "; ".join(
            f"{name} is {'-'.join(map(str, ('in', *r.hiddens, 'out')))} {r.activation}, "
            f"lr {r.lr:g}, momentum {r.momentum:g}, {r.epochs} epochs"
            for name, r in RECIPES.items()
        )
        + ".",
    )
    parser.add_argument(
        "--recipe",
        choices=RECIPES,
        help="where the options below start (2019; of a table: table)",
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
    add_options(parser)
    rest = parser.add_argument_group("data, numbers and files")
    rest.add_argument(
        "--data",
        type=data_name,
        default="auto",
        metavar="DATA",
        help=f"{', '.join(names())}, a table as CSV file, or auto: MNIST, or the digits where it "
        "can't be had (auto)",
    )
    rest.add_argument(
        "--dtype",
        choices=("float32", "float64"),
        default="float32",
        help="precision of the computation (float32)",
    )
    rest.add_argument(
        "--threads",
        type=_whole(1),
        metavar="N",
        help="of matrix products (1 for small networks, else all there are)",
    )
    rest.add_argument(
        "--seed", type=_whole(0), default=0, metavar="N", help="seed of the random numbers (0)"
    )
    rest.add_argument(
        "--output",
        type=Path,
        default=output,
        metavar="DIR",
        help="folder for pictures, statistics and weights (hw1)",
    )
    rest.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="save the run after every epoch, and when it is interrupted",
    )
    rest.add_argument(
        "--every", type=_whole(1), metavar="N", help="save it after every N batches, too"
    )
    rest.add_argument(
        "--resume", action="store_true", help="go on from --checkpoint FILE, if it is there"
    )
    options = parser.parse_args(arguments)
    check_table(parser, options)
    options.recipe = options.recipe or ("2019" if options.label is None else "table")
    if options.checkpoint is None and (options.every or options.resume):
        parser.error("--every and --resume need --checkpoint FILE")
    if options.checkpoint is not None:
        place = options.checkpoint.resolve()
        if place.is_dir():
            parser.error(f"--checkpoint: {place} is a folder; name a file")
        if place.parent == options.output.resolve() and place.name in OUTPUTS:
            parser.error(f"--checkpoint: train.py writes its own {place.name} there; name another")
    return options


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
