#!/usr/bin/env python3
"""Trains an MLP through automatic differentiation on MNIST, as the 2020 homework asks (002 §3).

As a script it leaves `validation_accuracy.png` beside itself.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of a Ctrl-C among the imports

import os
import sys
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
    sys.exit("mnist.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")
import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import no_grad
from mytorch.nn.activations import ReLU
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.module import Module
from mytorch.nn.sequential import Sequential
from mytorch.optim.optimizer import Optimizer
from mytorch.optim.sgd import SGD
from mytorch.system.progress import progress_bar
from mytorch.tensor import Tensor

BATCH_SIZE = 100
VALIDATE_EVERY = 100  # batches
EPOCHS = 3

Array = npt.NDArray[Any]


def mnist(train_x: Array, train_y: Array, val_x: Array, val_y: Array) -> list[float]:
    """Trains the network of 002 §3.1 for three epochs and returns its validation accuracies.

    `train_x (N, 784)` and `val_x (M, 784)` are pixels from 0 to 1, `train_y (N,)` and `val_y (M,)`
    the digits; for the homework N is 55,000 and M 5,000. The result is as `train` has it.
    """
    dtype = train_x.dtype if train_x.dtype in (np.float32, np.float64) else np.float64
    model = Sequential(
        Linear(train_x.shape[1], 20, dtype),
        BatchNorm1d(20, dtype=dtype),
        ReLU(),
        Linear(20, 10, dtype),
    )
    optimizer = SGD(model.parameters(), lr=0.1)
    return train(model, optimizer, CrossEntropyLoss(), train_x, train_y, val_x, val_y)


def train(
    model: Module,
    optimizer: Optimizer,
    criterion: Module,
    train_x: Array,
    train_y: Array,
    val_x: Array,
    val_y: Array,
    num_epochs: int = EPOCHS,
) -> list[float]:
    """Trains and returns the validation accuracies, from 0 to 1, in the order of time (002 §3.2).

    Batches hold 100 samples, in an order that `np.random.shuffle` draws for every epoch; the last
    may be smaller. There is a validation after every 100 batches, or at the end of an epoch that
    has fewer.
    Raises ValueError where samples and labels differ in number or there are none.
    """
    for name, x, y in (("training", train_x, train_y), ("validation", val_x, val_y)):
        if len(x) != len(y) or len(x) == 0:
            raise ValueError(
                f"train: expected a label for each {name} sample, at least one, "
                f"got {len(x)} samples and {len(y)} labels"
            )
    accuracies = []
    order = np.arange(len(train_x))
    batches = -(-len(order) // BATCH_SIZE)
    validations = validated(batches)
    for epoch in range(1, num_epochs + 1):
        np.random.shuffle(order)
        model.train()
        with progress_bar(batches, f"epoch {epoch}/{num_epochs}", "batch") as bar:
            for batch in range(1, batches + 1):
                rows = order[(batch - 1) * BATCH_SIZE : batch * BATCH_SIZE]
                optimizer.zero_grad()
                loss = criterion(model(Tensor(train_x[rows])), Tensor(train_y[rows]))
                loss.backward()
                optimizer.step()
                if batch in validations:
                    accuracies.append(validate(model, val_x, val_y))
                    model.train()
                bar.update(1)
    return accuracies


def validated(batches: int) -> list[int]:
    """After which of an epoch's batches there is a validation: every 100th, or else the last."""
    return list(range(VALIDATE_EVERY, batches + 1, VALIDATE_EVERY)) or [batches]


def validate(model: Module, val_x: Array, val_y: Array) -> float:
    """The fraction of samples that `model`, in evaluation mode, puts into the right class.

    The model stays in evaluation mode (002 §3.3).
    """
    model.eval()
    right = 0
    with no_grad():
        for start in range(0, len(val_x), 1000):
            out = model(Tensor(val_x[start : start + 1000]))
            labels = val_y[start : start + 1000]
            right += int(np.count_nonzero(out.data.argmax(axis=1) == labels))
    return right / len(val_x)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit code."""
    from train import load_data

    from mytorch.datasets import DataError, names
    from mytorch.plotting import plot_validation_accuracy
    from mytorch.system.commandline import Parser, whole

    parser = Parser("mnist.py", __doc__)
    parser.add_argument("--data", choices=("auto", *names()), default="auto")
    parser.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="seed of the random numbers (0)"
    )
    parser.add_argument(
        "--output", type=Path, default=HERE, metavar="DIR", help="folder for the plot (hw1)"
    )
    options = parser.parse_args(arguments)
    try:
        np.random.seed(options.seed)
        name, dset = load_data(options.data, "float32", False, brief=True)
        options.output.mkdir(parents=True, exist_ok=True)
        (x, y), (val_x, val_y), _ = dset
        accuracies = mnist(x[:], y.argmax(axis=1), val_x[:], val_y.argmax(axis=1))
        batches = -(-len(x) // BATCH_SIZE)
        times = [e + b / batches for e in range(EPOCHS) for b in validated(batches)]
        title = f"{name}, {x.shape[1]}-20-BN-ReLU-10"
        path = plot_validation_accuracy(times, accuracies, options.output, title)
    except (DataError, OSError, ValueError) as error:
        print(f"mnist.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mnist.py: interrupted", file=sys.stderr)
        return 130
    per_epoch = len(accuracies) // EPOCHS
    ends = ", ".join(f"{a:.4f}" for a in accuracies[per_epoch - 1 :: per_epoch])
    print(f"autograd face on {name}: {x.shape[1]}-20-BN-ReLU-10, lr 0.1, {EPOCHS} epochs")
    print(f"last validation accuracy of each epoch: {ends}")
    print(f"wrote  {path.name} into {options.output}")
    return 0


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
