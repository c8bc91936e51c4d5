"""Batch normalisation."""

import numpy as np


class BatchNorm1d:
    """Normalises every feature over the batch, then scales it by `BW` and shifts it by `Bb`.

    `BW`, `Bb`, their gradients `dLdBW` and `dLdBb`, and the running statistics `running_M` and
    `running_V` are `(1, num_features)`; `alpha` is the weight of the old running value.
    """

    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        """The normalised, scaled and shifted `Z (N, num_features)`, also kept in `BZ`.

        Keep `Z`, `N`, the batch's mean `M` and variance `V`, both `(1, num_features)`, and the
        normalised input `NZ`. The variance is over N. Afterwards both running statistics become
        alpha running + (1 - alpha) batch.

            NZ = (Z - M) / sqrt(V + eps)
            BZ = BW NZ + Bb

        With `eval=True` mean and variance are the running ones, and these do not change.
        """
        self.Z, self.N = Z, len(Z)
        self.M, self.V = Z.mean(axis=0, keepdims=True), Z.var(axis=0, keepdims=True)
        if eval:
            self.NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
        else:
            self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
            self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
            self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        self.BZ = self.BW * self.NZ + self.Bb
        return self.BZ

    def backward(self, dLdBZ):
        """Sets `dLdBW` and `dLdBb`, sums over the batch; returns the gradient for `Z`.

        `dLdBZ (N, num_features)` is the gradient for the output. dLdBb is its sum over the batch,
        dLdBW that of dLdBZ NZ. With dLdNZ = dLdBZ BW, and sums over the batch:

            dLdV = -1/2 sum dLdNZ (Z - M) (V + eps)^(-3/2)
            dLdM = -sum dLdNZ / sqrt(V + eps)
            dLdZ = dLdNZ / sqrt(V + eps) + dLdV 2 (Z - M) / N + dLdM / N
        """
        self.dLdBb = dLdBZ.sum(axis=0, keepdims=True)
        self.dLdBW = (dLdBZ * self.NZ).sum(axis=0, keepdims=True)
        std, centred = np.sqrt(self.V + self.eps), self.Z - self.M
        dLdNZ = dLdBZ * self.BW
        dLdV = -0.5 * (dLdNZ * centred).sum(axis=0, keepdims=True) / std**3
        dLdM = -dLdNZ.sum(axis=0, keepdims=True) / std
        return dLdNZ / std + dLdV * 2 * centred / self.N + dLdM / self.N
