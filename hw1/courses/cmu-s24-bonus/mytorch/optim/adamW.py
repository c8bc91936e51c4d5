"""Adam with decoupled weight decay, of weights and biases alike."""

from mytorch.adapters import library

from .adam import Adam


class AdamW(Adam):
    """As `Adam`; every parameter also loses `lr * weight_decay` of what it was."""

    rule = library("optim/adam.py").AdamW

    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(model, lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def options(self):
        """What the library's rule is made with."""
        return {**super().options(), "weight_decay": self.weight_decay}


__all__ = ["AdamW"]
