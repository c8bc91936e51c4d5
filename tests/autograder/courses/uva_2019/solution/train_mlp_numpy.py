"""Trains the network on CIFAR-10, with the options and defaults of the course."""

import argparse

import cifar10_utils
import numpy as np
from mlp_numpy import MLP
from modules import CrossEntropyModule, LinearModule

DNN_HIDDEN_UNITS_DEFAULT = "100"
LEARNING_RATE_DEFAULT = 2e-3
MAX_STEPS_DEFAULT = 1500
BATCH_SIZE_DEFAULT = 200
EVAL_FREQ_DEFAULT = 100
NEG_SLOPE_DEFAULT = 0.02
DATA_DIR_DEFAULT = "cifar10"

FLAGS = None
"""The options, once the script has read them."""


def accuracy(predictions, targets):
    """The share of rows of `(N, C)` whose largest entry stands where that of `targets` does."""
    return float(np.mean(predictions.argmax(axis=1) == targets.argmax(axis=1)))


def train():
    """Trains an MLP by `FLAGS`, with plain gradient descent.

    Every `FLAGS.eval_freq` steps, and after the last one, print the loss of the batch and the
    accuracy on all test pictures; an MLP takes a picture as a row of 3072 numbers. Draw the curves
    of both for your report.
    """
    np.random.seed(42)  # which is not to be changed
    hidden = [int(units) for units in FLAGS.dnn_hidden_units.split(",") if units]
    data = cifar10_utils.get_cifar10(FLAGS.data_dir)
    training, test = data["train"], data["test"]
    mlp = MLP(3072, hidden, training.labels.shape[1], FLAGS.neg_slope)
    layers = [layer for layer in mlp.layers if isinstance(layer, LinearModule)]
    criterion = CrossEntropyModule()
    for step in range(1, FLAGS.max_steps + 1):
        images, labels = training.next_batch(min(FLAGS.batch_size, training.num_examples))
        out = mlp.forward(images.reshape(len(images), -1))
        loss = criterion.forward(out, labels)
        mlp.backward(criterion.backward(out, labels))
        for layer in layers:
            for name in layer.params:
                layer.params[name] -= FLAGS.learning_rate * layer.grads[name]
        if step % FLAGS.eval_freq == 0 or step == FLAGS.max_steps:
            parts = [slice(start, start + 1000) for start in range(0, test.num_examples, 1000)]
            outs = [mlp.forward(test.images[p].reshape(-1, 3072)) for p in parts]
            share = accuracy(np.concatenate(outs), test.labels)
            print(f"step {step}: loss {loss:.4f}, test accuracy {share:.4f}", flush=True)


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
    add("--data_dir", default=DATA_DIR_DEFAULT, help="a folder with CIFAR-10")
    add("--neg_slope", type=float, default=NEG_SLOPE_DEFAULT)
    FLAGS, _ = parser.parse_known_args()
    main()
