#!/usr/bin/env python3
"""Says what a network that `train.py` trained on a table makes of the rows of another.

It prints CSV: the prediction for each row, of classes also the probability of each where asked for.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of a Ctrl-C among the imports

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # this checkout's mytorch, installed or not
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

from recipes import Recipe, build, schedule_of
from target import Target

from mytorch import L2, SoftmaxCrossEntropy, WeightedSoftmaxCrossEntropy
from mytorch.checkpoint.archive import load_checkpoint
from mytorch.checkpoint.network import KIND
from mytorch.datasets import Columns, DataError, Table
from mytorch.system.commandline import Parser
from mytorch.training import predict_proba
from mytorch.training.samples import outputs


class Model:
    """A network that was trained on a table, with how columns become its inputs.

    Attributes
    ----------
    network, columns, target : as they were trained.
    """

    def __init__(self, path: Path) -> None:
        _, stored = load_checkpoint(path, KIND)
        facts: dict[str, Any] = stored.get("run", {}).get("facts", {})
        if "columns" not in facts:
            raise DataError(
                f"{path}: not trained on a table; expected the model.npz that train.py --data "
                f"my.csv --label COLUMN leaves"
            )
        self.columns = Columns.from_facts(facts["columns"])
        self.target = Target.from_facts(facts["target"])
        classes = len(self.target.classes)
        fields = {name: facts.get(name, 1) for name in Recipe.__dataclass_fields__}
        recipe = Recipe(**fields)  # a constant rate does without the number of epochs
        criterion: Any = SoftmaxCrossEntropy() if classes else L2()
        if facts.get("class_weights"):
            criterion = WeightedSoftmaxCrossEntropy([1.0] * classes)  # the file has its weights
        size = self.columns.features(), classes or 1
        self.network = build(recipe, *size, facts["dtype"], criterion)
        # its state is in the file with the network's
        self.schedule = schedule_of(recipe.lr_schedule, self.network.optimizer, recipe.epochs)
        self.network.load(path)

    def rows(self, table: Table, probabilities: bool) -> Iterable[list[Any]]:
        """A header, and a row for each row of a table."""
        x = self.columns(table).astype(self.network.dtype)
        name, classes = self.target.name, self.target.classes
        if not classes:
            yield [name]
            yield from ([f"{y:.8g}"] for y in self.target.numbers(outputs(self.network, x)))
            return
        shares = predict_proba(self.network, x)
        yield [name, *(f"probability of {one}" for one in classes if probabilities)]
        for row in shares:
            yield [classes[row.argmax()], *(f"{p:.6g}" for p in row if probabilities)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code: 0 done, 1 failed."""
    parser = Parser("predict.py", __doc__.split("\n\n")[0])
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="the model.npz, or a checkpoint, of train.py")
    add("table", type=Path, metavar="TABLE", help="a CSV file with the same columns")
    add("--probabilities", action="store_true", help="also print those of all classes")
    add("--output", type=Path, metavar="FILE", help="write there instead of printing")
    add("--separator", metavar="CHARACTER", help="between cells of the table; else it is found")
    add("--header", action=argparse.BooleanOptionalAction, help="whether the first row has names")
    options = parser.parse_args(arguments)
    try:
        model = Model(options.model)
        table = model.columns.read(options.table, options.separator, options.header)
        for name, texts in model.columns.unseen(table).items():
            shown = ", ".join(map(repr, texts[:3]))
            print(
                f"predict.py: column {name!r} has texts that training did not have, which count "
                f"as none of the known ones: {shown}", file=sys.stderr,
            )  # fmt: skip
        lines = list(model.rows(table, options.probabilities))
        if options.output is None:
            write(lines, sys.stdout)
            sys.stdout.flush()
        else:
            with options.output.open("w", encoding="utf-8", newline="") as file:
                write(lines, file)
    except (DataError, ValueError) as error:
        print(f"predict.py: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"predict.py: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def write(lines: Iterable[Sequence[Any]], file: TextIO) -> None:
    """Writes rows as CSV."""
    csv.writer(file, lineterminator="\n").writerows(lines)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
