"""Dropout."""

import numpy as np


class Dropout:
    """Leaves numbers out at random in training, each with probability `p`."""

    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x, train=True):
        """The output for `x`, any shape; without `train`, `x` itself.

        In training, draw a mask of zeros and ones of the shape of `x` with `np.random.binomial`,
        where zero has the probability p, and keep it for `backward`.

        The output is x mask / (1 - p).
        """
        if not train:
            return x
        self.mask = np.random.binomial(1, 1 - self.p, x.shape)
        return x * self.mask / (1 - self.p)

    def backward(self, delta):
        """The gradient for the input, from that for the output; all of one shape.

        It is delta mask. In this course it is not divided by 1 - p.
        """
        return delta * self.mask
