"""Adam, with `eps` inside the root."""

import numpy as np

from mytorch.adapters import library


class Adam:
    """The library's rule, for every second entry of `model.layers`: those that have weights.

    Attributes
    ----------
    l, L : these layers and their number.
    lr, beta1, beta2, eps : as in the library.
    t : the number of steps taken.
    m_W, v_W, m_b, v_b : the running means of the gradients and of their squares, zeros at first.
    """

    rule = library("optim/adam.py").Adam

    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.l = model.layers[::2]
        self.L = len(self.l)
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        for name in ("W", "b"):
            for moment in ("m", "v"):
                zeros = [np.zeros(np.shape(getattr(layer, name)), "f") for layer in self.l]
                setattr(self, f"{moment}_{name}", zeros)

    def options(self):
        """What the library's rule is made with."""
        return {"lr": self.lr, "betas": (self.beta1, self.beta2), "eps": self.eps}

    def step(self):
        """Changes `W` and `b` of every layer by `dLdW` and `dLdb`."""
        self.t += 1
        rule = self.rule(**self.options())
        rule.t, rule.eps_in_root = self.t, True
        for i, layer in enumerate(self.l):
            for name in ("W", "b"):
                means, squares = getattr(self, f"m_{name}"), getattr(self, f"v_{name}")
                gradient = np.asarray(getattr(layer, f"dLd{name}"))
                new = np.array(getattr(layer, name), np.result_type(gradient, "f"))
                means[i], squares[i] = (kept[i].astype(new.dtype) for kept in (means, squares))
                rule.update(new, gradient, means[i], squares[i])
                setattr(layer, name, new)


__all__ = ["Adam"]
