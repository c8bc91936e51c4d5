"""Module: what layers and networks on tensors have in common (002 §2.1)."""

from mytorch.tensor import Tensor


class Module:
    """A network, or a piece of one. A subclass writes `forward`.

    Tensors with `is_parameter=True` and modules that are assigned to an attribute are kept, so that
    `parameters`, `train` and `eval` find them.
    """

    def __init__(self):
        self.is_train = True

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def children(self):
        return [value for value in vars(self).values() if isinstance(value, Module)]

    def parameters(self):
        """All parameters, those of the submodules too."""
        for value in vars(self).values():
            if isinstance(value, Tensor) and value.is_parameter:
                yield value
        for module in self.children():
            yield from module.parameters()

    def train(self):
        self.is_train = True
        for module in self.children():
            module.train()

    def eval(self):
        self.is_train = False
        for module in self.children():
            module.eval()
