"""Trains the NumPy network on CIFAR-10 as the Amsterdam course of 2019 asks for (003 §1.2)."""

import argparse
import sys
from itertools import count
from pathlib import Path

import numpy as np
from mlp_numpy import MLP
from modules import CrossEntropyModule, LinearModule

from mytorch.datasets import DataError, cifar10

DNN_HIDDEN_UNITS_DEFAULT = "100"
LEARNING_RATE_DEFAULT = 2e-3
MAX_STEPS_DEFAULT = 1500
BATCH_SIZE_DEFAULT = 200
EVAL_FREQ_DEFAULT = 100
NEG_SLOPE_DEFAULT = 0.02
DATA_DIR_DEFAULT = "./cifar10/cifar-10-batches-py"
"""Where the course has its pickled files, which are not read: the library finds others."""

FLAGS = None


def accuracy(predictions, targets):
    """The share of rows of `(N, C)` whose largest entry stands where that of `targets` does."""
    return float(np.mean(np.argmax(predictions, axis=1) == np.argmax(targets, axis=1)))


def batches(x, y, size):
    """Batches without end: in file order first, then shuffled; a remainder is dropped."""
    order = np.arange(len(x))
    for epoch in count():
        if epoch:
            np.random.shuffle(order)
        for start in range(0, len(x) - size + 1, size):
            rows = order[start : start + size]
            yield x[rows], y[rows]


def rows_of(images):
    """Pictures `(N, 3, 32, 32)` as rows `(N, 3072)`."""
    return images.reshape(len(images), -1)


def train():
    """Trains by `FLAGS` and prints loss and accuracies; returns the last test accuracy."""
    np.random.seed(42)
    hidden = [int(units) for units in FLAGS.dnn_hidden_units.split(",") if units]
    data = cifar10.read(None if FLAGS.data_dir == DATA_DIR_DEFAULT else Path(FLAGS.data_dir))
    (x, y), _, (test_x, test_y) = cifar10.splits(data, "float32", 0)
    size = min(FLAGS.batch_size, len(x))
    mlp = MLP(np.prod(x.shape[1:]), hidden, y.shape[1], FLAGS.neg_slope)
    linear = [module for module in mlp.modules if isinstance(module, LinearModule)]
    loss = CrossEntropyModule()
    result = 0.0
    steps = zip(range(1, FLAGS.max_steps + 1), batches(x, y, size), strict=False)
    for step, (images, labels) in steps:
        out = mlp.forward(rows_of(images))
        if step % FLAGS.eval_freq == 0 or step == FLAGS.max_steps:
            value = loss.forward(out, labels)
            parts = [slice(i, i + 1000) for i in range(0, len(test_x), 1000)]
            outs = [mlp.forward(rows_of(test_x[part])) for part in parts]
            result = accuracy(np.concatenate(outs), test_y)
            print(
                f"step {step}: loss {value:.4f}, training accuracy {accuracy(out, labels):.4f}, "
                f"test accuracy {result:.4f}",
                flush=True,
            )
            out = mlp.forward(rows_of(images))
        mlp.backward(loss.backward(out, labels))
        for module in linear:
            for name in module.params:
                module.params[name] -= FLAGS.learning_rate * module.grads[name]
    return result


def print_flags():
    """Prints every option."""
    for name, value in vars(FLAGS).items():
        print(f"{name} : {value}")


def main():
    """Prints the options and trains."""
    print_flags()
    train()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--dnn_hidden_units", default=DNN_HIDDEN_UNITS_DEFAULT, help="e.g. 100 or 300,100")
    add("--learning_rate", type=float, default=LEARNING_RATE_DEFAULT)
    add("--max_steps", type=int, default=MAX_STEPS_DEFAULT)
    add("--batch_size", type=int, default=BATCH_SIZE_DEFAULT)
    add("--eval_freq", type=int, default=EVAL_FREQ_DEFAULT, help="steps between two tests")
    add("--data_dir", default=DATA_DIR_DEFAULT, help="CIFAR-10; by default the library finds it")
    add("--neg_slope", type=float, default=NEG_SLOPE_DEFAULT)
    FLAGS, _ = parser.parse_known_args()
    try:
        main()
    except DataError as error:
        sys.exit(f"train_mlp_numpy.py: {error}")
