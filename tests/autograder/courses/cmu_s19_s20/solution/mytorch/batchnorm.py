"""Batch normalisation (000 §3.5 and appendix B, 001 §4)."""

import numpy as np


class BatchNorm:
    """Normalises every feature over the batch, then scales it by `gamma` and shifts it by `beta`.

    `x`, `norm` and `out`, `(batch, in_feature)`, are the input, the normalised input and the output
    of the last `forward` in training; `mean` and `var` are the batch's. `running_mean` and
    `running_var` take their place in evaluation; `alpha` is how much of them a batch leaves as it
    was. All but the first three are `(1, in_feature)`.
    """

    def __init__(self, in_feature, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.x = None
        self.norm = None
        self.out = None
        self.mean, self.var = np.zeros((1, in_feature)), np.ones((1, in_feature))
        self.gamma, self.dgamma = np.ones((1, in_feature)), np.zeros((1, in_feature))
        self.beta, self.dbeta = np.zeros((1, in_feature)), np.zeros((1, in_feature))
        self.running_mean, self.running_var = np.zeros((1, in_feature)), np.ones((1, in_feature))

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def forward(self, x, eval=False):
        """The normalised, scaled and shifted `x`, of its shape; see the class (001 §4.1).

        out = gamma (x - mean) / sqrt(var + eps) + beta. The variance is over m, the rows of the
        batch. In training both running statistics become alpha running + (1 - alpha) batch. With
        `eval=True` mean and variance are the running ones, and nothing changes (001 §4.3).
        """
        if eval:
            norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * norm + self.beta
        self.x = x
        self.mean = x.mean(axis=0, keepdims=True)
        self.var = x.var(axis=0, keepdims=True)
        self.norm = (x - self.mean) / np.sqrt(self.var + self.eps)
        self.out = self.gamma * self.norm + self.beta
        self.running_mean = self.alpha * self.running_mean + (1 - self.alpha) * self.mean
        self.running_var = self.alpha * self.running_var + (1 - self.alpha) * self.var
        return self.out

    def backward(self, delta):
        """Sets `dgamma` and `dbeta`, summed over the batch; returns the gradient for the input.

        `delta` is the gradient for the output, of its shape (000 appendix B). dbeta is the sum of
        delta, dgamma that of delta norm. With dnorm = delta gamma:

            dvar  = -1/2 sum dnorm (x - mean) (var + eps)^(-3/2)
            dmean = -sum dnorm / sqrt(var + eps) - 2/m dvar sum (x - mean)
            dx    = dnorm / sqrt(var + eps) + 2/m dvar (x - mean) + dmean / m
        """
        m, std = len(delta), np.sqrt(self.var + self.eps)
        centred = self.x - self.mean
        self.dbeta = delta.sum(axis=0, keepdims=True)
        self.dgamma = (delta * self.norm).sum(axis=0, keepdims=True)
        dnorm = delta * self.gamma
        dvar = -0.5 * (dnorm * centred).sum(axis=0, keepdims=True) / std**3
        dmean = -dnorm.sum(axis=0, keepdims=True) / std
        dmean = dmean - 2 / m * dvar * centred.sum(axis=0, keepdims=True)
        return dnorm / std + 2 / m * dvar * centred + dmean / m
