"""Optimizer: what all of them have in common (002 §2.3)."""


class Optimizer:
    """Holds the parameters of a network; a subclass writes `step`."""

    def __init__(self, params):
        self.params = list(params)

    def zero_grad(self):
        for parameter in self.params:
            parameter.grad = None
