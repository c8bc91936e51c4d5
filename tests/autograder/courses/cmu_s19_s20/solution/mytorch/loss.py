"""The criterion: how far the output of a network is from the labels (000 §2.1)."""

import numpy as np


class Criterion:
    """What all criteria have in common; `logits` and `labels` are those of the last `forward`."""

    def __init__(self):
        self.logits = None
        self.labels = None

    def __call__(self, x, y):
        return self.forward(x, y)


class SoftmaxCrossEntropy(Criterion):
    """Cross-entropy of the softmax of logits, computed together (000 appendix A)."""

    def forward(self, x, y):
        """The loss of each row, `(batch,)`, from logits `x` and labels `y`, both `(batch, n)`.

        L = -sum_j y_j log softmax(x)_j, where log softmax(x)_j = x_j - log sum_k exp(x_k).
        Subtract the largest logit of each row first (LogSumExp, 000 §2.1): nothing overflows then.
        """
        self.logits, self.labels = x, y
        shifted = x - x.max(axis=1, keepdims=True)
        self.log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return -(y * self.log_softmax).sum(axis=1)

    def derivative(self):
        """The gradient of each row's loss for the logits, `(batch, n)`, not averaged (001 §3.2).

        softmax(x) - y
        """
        return np.exp(self.log_softmax) - self.labels
