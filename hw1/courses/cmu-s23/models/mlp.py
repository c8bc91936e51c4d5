"""The networks of Spring 2023: linear layers in `layers`, their activations in `f`."""

from itertools import pairwise

from mytorch.nn.activation import ReLU

from mytorch.nn.linear import Linear


class _MLP:
    sizes = ()

    def __init__(self, debug=False):
        self.layers = [Linear(*pair, debug=debug) for pair in pairwise(self.sizes)]
        self.f = [ReLU() for _ in self.layers]
        self.debug = debug

    def _forward(self, A0):
        """The last activation for `A0 (N, in)`."""
        Z, A = [], [A0]
        for layer, f in zip(self.layers, self.f, strict=True):
            Z.append(layer.forward(A[-1]))
            A.append(f.forward(Z[-1]))
        if self.debug:
            self._keep(Z=Z, A=A)
        return A[-1]

    def _backward(self, dLdA_last):
        """Sets every layer's gradients, from the gradient for the last activation."""
        dAdZ, dLdZ, dLdA = [], [], [dLdA_last]
        for layer, f in zip(reversed(self.layers), reversed(self.f), strict=True):
            dAdZ.insert(0, f.backward())
            dLdZ.insert(0, dLdA[0] * dAdZ[0])
            dLdA.insert(0, layer.backward(dLdZ[0]))
        if self.debug:
            self._keep(dAdZ=dAdZ, dLdZ=dLdZ, dLdA=dLdA)

    def _keep(self, **lists):
        """Each number under a name of its own: Z0, A1, dA1dZ0, dLdZ0, dLdA0 ..."""
        for name, values in lists.items():
            for i, value in enumerate(values):
                setattr(self, f"dA{i + 1}dZ{i}" if name == "dAdZ" else f"{name}{i}", value)


class MLP0(_MLP):
    """One linear layer, 2 to 3."""

    sizes = (2, 3)

    def forward(self, A0):
        """The output A1 `(N, 3)` for `A0 (N, 2)`."""
        return self._forward(A0)

    def backward(self, dLdA1):
        """Sets the layer's gradients, from that for the output."""
        self._backward(dLdA1)


class MLP1(_MLP):
    """Two linear layers, 2 to 3 to 2."""

    sizes = (2, 3, 2)

    def forward(self, A0):
        """The output A2 `(N, 2)` for `A0 (N, 2)`."""
        return self._forward(A0)

    def backward(self, dLdA2):
        """Sets every layer's gradients, from that for the output."""
        self._backward(dLdA2)


class MLP4(_MLP):
    """Five linear layers; keeps its numbers in lists."""

    sizes = (2, 4, 8, 8, 4, 2)

    def forward(self, A0):
        """The output `(N, 2)` for `A0 (N, 2)`."""
        return self._forward(A0)

    def backward(self, dLdA):
        """Sets every layer's gradients, from that for the output."""
        self._backward(dLdA)

    def _keep(self, **lists):
        vars(self).update(lists)
