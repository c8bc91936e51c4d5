"""The pictures of CIFAR-10 as the course hands them out; given, and not to be changed.

Every picture is `(3, 32, 32)` in float32; the mean picture of the training data is subtracted, and
nothing is divided.
"""

from pathlib import Path

import numpy as np
from tests.library.datasets import cifar10


class DataSet:
    """Pictures with their labels.

    `images` `(num_examples, 3, 32, 32)` are read where they are indexed; `labels` are one-hot,
    `(num_examples, 10)`. `epochs_completed` counts how often all were drawn.
    """

    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.num_examples = len(labels)
        self.epochs_completed = 0
        self._order, self._next = np.arange(self.num_examples), 0

    def next_batch(self, batch_size):
        """The next pictures and labels, in the order of the file at first.

        Where fewer are left, these are dropped, and all are shuffled by `np.random`.
        """
        if batch_size > self.num_examples:
            raise ValueError(f"there are {self.num_examples} pictures, {batch_size} were asked for")
        if self._next + batch_size > self.num_examples:
            self.epochs_completed += 1
            np.random.shuffle(self._order)
            self._next = 0
        rows = self._order[self._next : self._next + batch_size]
        self._next += batch_size
        return self.images[rows], self.labels[rows]


def get_cifar10(data_dir="cifar10"):
    """The training data under "train", the test data under "test", each a DataSet.

    `data_dir` holds the binary archive `cifar-10-binary.tar.gz`, its files, or a folder of pictures
    for each class in train/ and test/; without one they are found or downloaded.
    """
    data = cifar10.read(Path(data_dir) if Path(data_dir).is_dir() else None)
    (x, y), _, (test_x, test_y) = cifar10.splits(data, "float32", 0)
    return {"train": DataSet(x, y), "test": DataSet(test_x, test_y)}
