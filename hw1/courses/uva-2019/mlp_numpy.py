"""The NumPy network of the Amsterdam course of 2019."""

from itertools import pairwise

from modules import *


class MLP:
    """A linear layer and a leaky ReLU for each entry of `n_hidden`, a linear layer, a softmax.

    Without hidden layers it is multinomial logistic regression. `modules` is the list of all.
    """

    def __init__(self, n_inputs, n_hidden, n_classes, neg_slope):
        sizes = [n_inputs, *n_hidden, n_classes]
        linear = [LinearModule(*pair) for pair in pairwise(sizes)]
        hidden = [one for layer in linear[:-1] for one in (layer, LeakyReLUModule(neg_slope))]
        self.modules = [*hidden, linear[-1], SoftMaxModule()]

    def forward(self, x):
        """The probabilities, `(N, n_classes)`, for `x (N, n_inputs)`."""
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, dout):
        """Sets every layer's `grads`, from the gradient for the probabilities."""
        for module in reversed(self.modules):
            dout = module.backward(dout)
