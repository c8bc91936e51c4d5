"""The command line of `train.py`."""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from recipes import ACTIVATIONS, INITIALIZERS, RECIPES, Recipe

from mytorch.datasets import names

OUTPUTS = (
    *("train_loss.png", "train_error.png", "val_loss.png", "val_error.png", "training_curves.png"),
    *("stats.json", "weights.npz"),
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
        "--recipe", choices=RECIPES, default="2019", help="where the options below start (2019)"
    )
    network = parser.add_argument_group("network, instead of the recipe's")
    network.add_argument(
        "--hiddens",
        type=whole(1),
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
        "--batch-norm", type=whole(0), metavar="N", help="normalise the first N layers"
    )
    training = parser.add_argument_group("training, instead of the recipe's")
    training.add_argument("--lr", type=number(0), metavar="RATE", help="learning rate")
    training.add_argument(
        "--lr-decay",
        type=number(0),
        metavar="FACTOR",
        help="multiplies the learning rate every epoch",
    )
    training.add_argument(
        "--momentum",
        type=number(0),
        metavar="SHARE",
        help="share of the last step to repeat",
    )
    training.add_argument("--epochs", type=whole(1), metavar="N", help="passes over the data")
    training.add_argument("--batch-size", type=whole(1), metavar="N", help="samples in a step")
    training.add_argument(
        "--normalized",
        action=argparse.BooleanOptionalAction,
        help="pixels of mean 0 and deviation 1, instead of 0 to 1",
    )
    rest = parser.add_argument_group("data, numbers and files")
    rest.add_argument(
        "--data",
        choices=("auto", *names()),
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
        "--threads",
        type=whole(1),
        metavar="N",
        help="of matrix products (1 for small networks, else all there are)",
    )
    rest.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="seed of the random numbers (0)"
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
        "--every", type=whole(1), metavar="N", help="save it after every N batches, too"
    )
    rest.add_argument(
        "--resume", action="store_true", help="go on from --checkpoint FILE, if it is there"
    )
    options = parser.parse_args(arguments)
    check_checkpoint(parser, options, OUTPUTS, "train.py")
    return options


def check_checkpoint(
    parser: argparse.ArgumentParser, options: argparse.Namespace, outputs: Collection[str], who: str
) -> None:
    """Ends the program where --every, --resume and --checkpoint do not go together."""
    if options.checkpoint is None and (options.every or options.resume):
        parser.error("--every and --resume need --checkpoint FILE")
    if options.checkpoint is not None:
        place = options.checkpoint.resolve()
        if place.is_dir():
            parser.error(f"--checkpoint: {place} is a folder; name a file")
        if place.parent == options.output.resolve() and place.name in outputs:
            parser.error(f"--checkpoint: {who} writes its own {place.name} there; name another")


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe with the options that were given in place of its own."""
    names = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if "hiddens" in given:
        given["hiddens"] = tuple(given["hiddens"])
    return dataclasses.replace(RECIPES[options.recipe], **given)


def whole(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number from `least`."""

    def parsed(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least}, got {text!r}")
        return int(text)

    return parsed


def number(least: float, most: float = sys.float_info.max) -> Callable[[str], float]:
    """The type of an option that is a finite number from `least` to `most`."""

    def parsed(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not least <= value <= most:
            to = f" to {most:g}" if most < sys.float_info.max else ""
            raise argparse.ArgumentTypeError(f"expected a number from {least:g}{to}, got {text!r}")
        return value

    return parsed
