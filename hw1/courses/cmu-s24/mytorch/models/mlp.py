"""The networks of Spring 2024: linear layers and activations take turns in `layers`."""

from itertools import pairwise

from mytorch.nn.activation import ReLU
from mytorch.nn.linear import Linear


class _MLP:
    sizes = ()

    def __init__(self, debug=False):
        linear = [Linear(*pair, debug=debug) for pair in pairwise(self.sizes)]
        self.layers = [one for layer in linear for one in (layer, ReLU())]
        self.debug = debug

    def _forward(self, A):
        """The last activation for `A (N, in)`."""
        results = [A]
        for layer in self.layers:
            results.append(layer.forward(results[-1]))
        if self.debug:
            self._keep("A", results)
        return results[-1]

    def _backward(self, dLdA):
        """The gradient for the input; sets every layer's own, from that for the last activation."""
        gradients = [dLdA]
        for layer in reversed(self.layers):
            gradients.insert(0, layer.backward(gradients[0]))
        if self.debug:
            self._keep("dLdA", gradients)
        return gradients[0]

    def _keep(self, name, values):
        """Each number under a name of its own: Z0, A1 ... and dLdZ0, dLdA0 ..."""
        for i, value in enumerate(values):
            setattr(self, (f"{name[:-1]}Z" if i % 2 else name) + str(i // 2), value)


class MLP0(_MLP):
    """One linear layer, 2 to 3."""

    sizes = (2, 3)

    def forward(self, A0):
        """The output `A1 (N, 3)` for `A0 (N, 2)`."""
        return self._forward(A0)

    def backward(self, dLdA1):
        """The gradient for the input, `(N, 2)`, from that for the output."""
        return self._backward(dLdA1)


class MLP1(_MLP):
    """Two linear layers, 2 to 3 to 2."""

    sizes = (2, 3, 2)

    def forward(self, A0):
        """The output `A2 (N, 2)` for `A0 (N, 2)`."""
        return self._forward(A0)

    def backward(self, dLdA2):
        """The gradient for the input, `(N, 2)`, from that for the output."""
        return self._backward(dLdA2)


class MLP4(_MLP):
    """Five linear layers; keeps its numbers in lists."""

    sizes = (2, 4, 8, 8, 4, 2)

    def forward(self, A):
        """The output `(N, 2)` for `A (N, 2)`."""
        return self._forward(A)

    def backward(self, dLdA):
        """The gradient for the input, `(N, 2)`, from that for the output."""
        return self._backward(dLdA)

    def _keep(self, name, values):
        setattr(self, name, values)
