"""Trains the ConvNet of the Amsterdam course of 2019 (003 table 1), with that course's options."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import cifar10

DATA_DIR_DEFAULT = "./cifar10/cifar-10-batches-py"
"""Where the course has its pickled files, which are not read: the library finds others."""

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--learning_rate", type=float, default=1e-4)
    add("--max_steps", type=int, default=5000)
    add("--batch_size", type=int, default=32)
    add("--eval_freq", type=int, default=500, help="steps between two tests on all test data")
    add("--output", default="convnet-results", help="folder for pictures, figures and weights")
    add("--data_dir", default=DATA_DIR_DEFAULT, help="CIFAR-10; by default the library finds it")
    FLAGS, _ = parser.parse_known_args()
    for name, value in vars(FLAGS).items():
        print(f"{name} : {value}")
    data = "cifar10" if FLAGS.data_dir == DATA_DIR_DEFAULT else FLAGS.data_dir
    sys.exit(
        cifar10.main(
            [
                *("--recipe", "convnet", "--data", data, "--output", FLAGS.output),
                *("--lr", str(FLAGS.learning_rate), "--steps", str(FLAGS.max_steps)),
                *("--batch-size", str(FLAGS.batch_size), "--eval-every", str(FLAGS.eval_freq)),
            ]
        )
    )
