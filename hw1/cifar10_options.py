"""The command line of `cifar10.py`."""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from cifar10_recipes import INITIALIZERS, RECIPES, Recipe
from options import add_run_options, check_checkpoint
from recipes import HAVE_MOMENTUM, OPTIMIZERS, SCHEDULES

from mytorch.system.commandline import Parser, number, whole

OUTPUTS = ("curves.png", "confusion.png", "mistakes.png", "stats.json", "weights.npz")
"""What cifar10.py leaves in its output folder."""


def parse(
    arguments: Sequence[str] | None, description: str | None, output: Path
) -> argparse.Namespace:
    """The command line; options that belong to the recipe are None where they are not given."""
    recipes = "; ".join(f"{n} is {shown(r)}" for n, r in RECIPES.items())
    parser = Parser("cifar10.py", description, f"The recipes: {recipes}.")
    parser.add_argument(
        "--recipe", choices=RECIPES, default="mlp", help="where the options below start (mlp)"
    )
    network = parser.add_argument_group("network, instead of the recipe's")
    network.add_argument(
        "--channels",
        type=stage,
        nargs="*",
        metavar="N",
        help="channels of the convolutions before each pooling, e.g. 64 128 256,256",
    )
    network.add_argument(
        "--norm",
        choices=("each", "stage"),
        help="batch norm and ReLU after each convolution, or once before each pooling",
    )
    network.add_argument(
        "--hiddens",
        type=whole(1),
        nargs="*",
        metavar="N",
        help="units of each hidden linear layer, e.g. 1000 1000",
    )
    network.add_argument(
        "--slope", type=number(0), metavar="SLOPE", help="of LeakyReLU after hidden linear layers"
    )
    network.add_argument(
        "--init",
        choices=INITIALIZERS,
        metavar="NAME",
        help=f"of the weights of linear layers: {', '.join(INITIALIZERS)}",
    )
    network.add_argument(
        "--dropout",
        type=number(0, 1),
        metavar="P",
        help="share of numbers left out after hidden linear layers, or before the last",
    )
    training = parser.add_argument_group("training, instead of the recipe's")
    training.add_argument("--optimizer", choices=OPTIMIZERS, help="rule of the steps")
    training.add_argument("--lr", type=number(0), metavar="RATE", help="learning rate")
    training.add_argument(
        "--lr-schedule",
        choices=SCHEDULES,
        help="how it falls: not at all, along a cosine to 0, or by 10 after each third",
    )
    training.add_argument(
        "--momentum",
        type=number(0, 1),
        metavar="SHARE",
        help="share of the last step to repeat; for sgd, rmsprop",
    )
    training.add_argument(
        "--weight-decay", type=number(0), metavar="RATE", help="added to gradients, times weight"
    )
    training.add_argument("--batch-size", type=whole(1), metavar="N", help="pictures in a step")
    training.add_argument("--steps", type=whole(1), metavar="N", help="of the optimizer")
    training.add_argument(
        "--eval-every", type=whole(1), metavar="N", help="steps between two tests on all test data"
    )
    training.add_argument(
        "--standardized",
        action=argparse.BooleanOptionalAction,
        help="each colour of mean 0 and deviation 1, instead of the mean picture subtracted",
    )
    rest = parser.add_argument_group("data, numbers and files")
    rest.add_argument(
        "--data",
        default="auto",
        metavar="NAME",
        help="cifar10, digits, a folder that has CIFAR-10 or a part of it, or auto: CIFAR-10, and "
        "a small ConvNet on the digits where it can't be had (auto)",
    )
    add_run_options(rest, output, "hw1/cifar10-results", "test", "steps", "all there are")
    options = parser.parse_args(arguments)
    check_checkpoint(parser, options, OUTPUTS, "cifar10.py")
    return options


def recipe_of(options: argparse.Namespace, name: str) -> Recipe:
    """The recipe `name` with the options that were given in place of its own.

    Raises ValueError for a momentum that the optimizer does not have.
    """
    names = [field.name for field in dataclasses.fields(Recipe)]
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    for listed in {"channels", "hiddens"} & given.keys():
        given[listed] = tuple(given[listed])
    recipe = dataclasses.replace(RECIPES[name], **given)
    if recipe.momentum and recipe.optimizer not in HAVE_MOMENTUM:
        raise ValueError(
            f"--momentum is for --optimizer {' and '.join(HAVE_MOMENTUM)}, "
            f"and this is {recipe.optimizer}"
        )
    return recipe


def shown(recipe: Recipe) -> str:
    """A recipe in a line."""
    what = " ".join(",".join(map(str, stage)) for stage in recipe.channels)
    units = " ".join(map(str, recipe.hiddens))
    net = f"convolutions {what}, norm {recipe.norm}" if what else f"hiddens {units}"
    decay = f", weight decay {recipe.weight_decay:g}" if recipe.weight_decay else ""
    return (
        f"{net}; {recipe.optimizer}, lr {recipe.lr:g}{decay}, batch {recipe.batch_size}, "
        f"{recipe.steps} steps"
    )


def stage(text: str) -> tuple[int, ...]:
    """The type of `--channels`: whole numbers with commas."""
    return tuple(whole(1)(part) for part in text.split(","))
