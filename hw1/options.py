"""The command line of `train.py`."""

import argparse
import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from recipes import (
    ACTIVATIONS,
    HAVE_MOMENTUM,
    INITIALIZERS,
    OPTIMIZERS,
    RECIPES,
    SCHEDULES,
    Recipe,
)
from tables import add_options, check_table, data_name

from mytorch.datasets import names
from mytorch.system.commandline import Parser, number, whole

OUTPUTS = (
    *("train_loss.png", "train_error.png", "val_loss.png", "val_error.png", "training_curves.png"),
    *("stats.json", "weights.npz", "model.npz"),
)
"""What train.py leaves in its output folder."""


def parse(
    arguments: Sequence[str] | None, description: str | None, output: Path
) -> argparse.Namespace:
    """The command line; options that belong to the recipe are None where they are not given."""
    recipes = "; ".join(
        f"{name} is {'-'.join(map(str, ('in', *r.hiddens, 'out')))} {r.activation}, "
        f"lr {r.lr:g}, momentum {r.momentum:g}, {r.epochs} epochs"
        for name, r in RECIPES.items()
    )
    parser = Parser("train.py", description, f"The recipes: {recipes}.")
    parser.add_argument(
        "--recipe",
        choices=RECIPES,
        help="where the options below start (2019; of a table: table)",
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
    network.add_argument(
        "--dropout", type=number(0, 1), metavar="P", help="share of hidden units left out in a step"
    )
    training = parser.add_argument_group("training, instead of the recipe's")
    training.add_argument("--optimizer", choices=OPTIMIZERS, help="rule of the steps (sgd)")
    training.add_argument("--lr", type=number(0), metavar="RATE", help="learning rate")
    training.add_argument(
        "--lr-decay",
        type=number(0),
        metavar="FACTOR",
        help="multiplies the learning rate every epoch",
    )
    training.add_argument(
        "--lr-schedule",
        choices=SCHEDULES,
        help="how it falls over all epochs: not at all, along a cosine to 0, or by 10 after each "
        "third; takes the place of the recipe's --lr-decay",
    )
    training.add_argument(
        "--weight-decay", type=number(0), metavar="RATE", help="added to gradients, times weight"
    )
    training.add_argument(
        "--momentum",
        type=number(0),
        metavar="SHARE",
        help="share of the last step to repeat; for sgd and rmsprop",
    )
    training.add_argument("--epochs", type=whole(1), metavar="N", help="passes over the data")
    training.add_argument("--batch-size", type=whole(1), metavar="N", help="samples in a step")
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
    add_run_options(
        rest, output, "hw1", "epoch", "batches", "1 for small networks, else all there are"
    )
    options = parser.parse_args(arguments)
    check_table(parser, options)
    options.recipe = options.recipe or ("2019" if options.label is None else "table")
    check_checkpoint(parser, options, OUTPUTS, "train.py")
    return options


def add_run_options(
    group: Any, output: Path, place: str, unit: str, parts: str, threads: str
) -> None:
    """Options of every training script: numbers, files, and how a run goes on.

    `output` is where the results go, in words `place`; a run is saved after every `unit` and may be
    after some `parts`; `threads` says how many there are without the option.
    """
    add = group.add_argument
    add("--dtype", choices=("float32", "float64"), default="float32",
        help="precision of the computation (float32)")  # fmt: skip
    add("--threads", type=whole(1), metavar="N", help=f"of matrix products ({threads})")
    add("--seed", type=whole(0), default=0, metavar="N", help="seed of the random numbers (0)")
    add("--output", type=Path, default=output, metavar="DIR",
        help=f"folder for pictures, statistics and weights ({place})")  # fmt: skip
    add("--checkpoint", type=Path, metavar="FILE",
        help=f"save the run after every {unit}, and when it is interrupted")  # fmt: skip
    add("--every", type=whole(1), metavar="N", help=f"save it after every N {parts}, too")
    add("--resume", action="store_true", help="go on from --checkpoint FILE, if it is there")


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
    """The recipe with the options that were given in place of its own.

    Raises ValueError where two of them do not go together.
    """
    names = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if "hiddens" in given:
        given["hiddens"] = tuple(given["hiddens"])
    falls = given.get("lr_schedule", "constant") != "constant"
    if falls and given.setdefault("lr_decay", 1.0) != 1:
        raise ValueError("--lr-decay and --lr-schedule both change the learning rate; give one")
    if given.get("optimizer", "sgd") not in HAVE_MOMENTUM and given.setdefault("momentum", 0.0):
        raise ValueError(
            f"--momentum is for --optimizer {' and '.join(HAVE_MOMENTUM)}, "
            f"and this is {given['optimizer']}"
        )
    return dataclasses.replace(RECIPES[options.recipe], **given)
