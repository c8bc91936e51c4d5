"""Training on a table of one's own: its options, its rows, loss and error of the network."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from target import Target, confusions

from mytorch import Network
from mytorch.datasets import Columns, DataError, Dataset, names, read_csv, split
from mytorch.system.commandline import whole
from mytorch.training import predict

PATIENCE = 20
"""Epochs that training on a table waits for a better one."""


class TableData(NamedTuple):
    """A table's rows as a network takes them, and how they became that."""

    name: str
    dset: Dataset
    columns: Columns
    target: Target

    def facts(self) -> dict[str, Any]:
        """What a prediction needs, for the checkpoint."""
        return {"columns": self.columns.as_facts(), "target": dataclasses.asdict(self.target)}


def data_name(text: str) -> str:
    """The name of a data set, or the file of a table."""
    if text in ("auto", *names()) or Path(text).suffix or Path(text).is_file():
        return text
    raise argparse.ArgumentTypeError(
        f"expected auto, {', '.join(names())}, or a table, e.g. my.csv, got {text!r}"
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of tables, and two of any data that tables need most."""
    parser.add_argument(
        "--patience",
        type=whole(0),
        metavar="N",
        help="stop when the validation loss was not better for N epochs, and take the best "
        f"weights; 0 for never (0; of a table: {PATIENCE})",
    )
    parser.add_argument(
        "--class-weights",
        nargs="+",
        metavar="WEIGHT",
        help="what a mistake counts: balanced, or weights by class, e.g. yes=2 no=1",
    )
    group = parser.add_argument_group("a table of your own, --data my.csv")
    add = group.add_argument
    add("--label", metavar="COLUMN", help="what to predict: a column's name, its number, or -1")
    add(
        "--task",
        choices=("auto", "classification", "regression"),
        default="auto",
        help="auto: classes where labels are texts or few whole numbers (auto)",
    )
    add("--text", nargs="+", default=(), metavar="COLUMN", help="numbers that are names, e.g. zip")
    add("--ignore", nargs="+", default=(), metavar="COLUMN", help="columns to leave out")
    add("--separator", metavar="CHARACTER", help="between cells; else , ; tab or | is found")
    add(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first row has the names; else it has if it has no number",
    )
    add(
        "--fill",
        action="store_true",
        help="a missing number is its column's mean, a missing text none of the known ones",
    )


def check_table(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program where --data and --label do not go together; tables have a patience."""
    is_table = options.data not in ("auto", *names())
    if is_table and options.label is None:
        parser.error(f"--data {options.data}: a table needs --label COLUMN, what to predict")
    if not is_table and options.label is not None:
        parser.error(f"--label needs the file of a table, e.g. --data my.csv, not {options.data}")
    if options.patience is None:
        options.patience = PATIENCE if is_table else 0


def load_table(options: argparse.Namespace) -> TableData:
    """Reads the table that the options name, splits it by the seed, and scales its columns.

    Raises DataError, a sentence, where it cannot be read or learned.
    """
    table = read_csv(
        options.data, options.label, separator=options.separator, header=options.header,
        text=options.text, ignore=options.ignore,
    )  # fmt: skip
    assert table.labels is not None
    try:
        parts = split(table.labels, options.seed)
        target = Target.fit(table.label, table.labels, parts[0], options.task)
    except DataError as error:
        raise DataError(f"{table.path}: {str(error).removeprefix('split: ')}") from error
    columns = Columns.fit(table.rows(parts[0]), options.fill)
    train, val, test = (
        (
            columns(table.rows(part)).astype(options.dtype),
            target.rows(table.labels[part]).astype(options.dtype),
        )
        for part in parts
    )
    return TableData(Path(options.data).name, (train, val, test), columns, target)


def described(data: TableData) -> str:
    """A line on what the columns became."""
    texts = sum(data.columns.kinds().values())
    inputs = f"{data.columns.features()} inputs from {len(data.columns.names)} columns"
    inputs += f", {texts} of them texts" if texts else ""
    classes = data.target.classes
    task = f"{len(classes)} classes" if classes else "a number"
    return f"table  {inputs}; {data.target.name} is {task}"


def measured(network: Network, data: TableData) -> tuple[dict[str, Any], list[str]]:
    """Figures of the test rows for `stats.json`, and lines that show them."""
    x, y = data.dset[2]
    said = predict(network, x)
    if data.target.classes:
        labels = y.argmax(axis=1)
        wrong = int((said != labels).sum())
        line = f"{wrong:,} of {len(x):,} rows wrong, {1 - wrong / len(x):.2%} right"
        return {}, [line, "", *confusions(data.target.classes, labels, said)]
    unit = data.target.deviation  # squares of the scaled numbers do not overflow
    rmse = rms(said.astype(np.float64) - y) * unit
    spread = rms(y - y.mean(dtype=np.float64)) * unit
    figures = {"test_rmse": rmse, "test_r2": 1 - (rmse / spread) ** 2 if spread else 0.0}
    return figures, [
        f"root mean square error {rmse:.6g}, R2 {figures['test_r2']:.4f}",
        f"       (guessing the mean of {data.target.name} alone: {spread:.6g}, R2 0)",
    ]


def rms(errors: npt.NDArray[Any]) -> float:
    """The root of their mean square."""
    return float(np.sqrt(np.mean(np.square(errors))))
