"""The network: linear layers, leaky rectifiers between them, and a softmax."""

from modules import *


class MLP:
    """A linear layer and a leaky ReLU for each entry of `n_hidden`, a linear layer, a softmax."""

    def __init__(self, n_inputs, n_hidden, n_classes, neg_slope):
        """Makes the layers.

        `n_hidden` is a list of the numbers of units of the hidden layers. Where it is empty, one
        linear layer and the softmax are left: multinomial logistic regression.
        """
        sizes = [n_inputs, *n_hidden]
        self.layers = []
        for inputs, outputs in zip(sizes, n_hidden):
            self.layers += [LinearModule(inputs, outputs), LeakyReLUModule(neg_slope)]
        self.layers += [LinearModule(sizes[-1], n_classes), SoftMaxModule()]

    def forward(self, x):
        """The probabilities `(N, n_classes)` for `x (N, n_inputs)`."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        """Sets the `grads` of every linear layer, from the gradient for the probabilities."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
