"""Losses on tensors (002 §2.5)."""

import numpy as np

from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class CrossEntropyLoss(Module):
    """The mean cross-entropy of the softmax of logits (002 appendix B)."""

    def forward(self, predicted, target):
        """The loss, a tensor with one number, of logits `(batch, n)` and labels `(batch,)`.

        The mean of -log softmax(x)_label over the batch (002 §2.5 and appendix B), by operations on
        tensors. Subtract the largest logit of each row first, as a constant (LogSumExp): nothing
        overflows then.
        """
        m, n = predicted.shape
        one_hot = np.zeros((m, n))
        one_hot[np.arange(m), target.data.astype(int)] = 1.0
        shifted = predicted - Tensor(predicted.data.max(axis=1, keepdims=True))
        log_softmax = shifted - shifted.exp().sum(1, True).log()
        return (log_softmax * Tensor(one_hot)).sum() / float(-m)
