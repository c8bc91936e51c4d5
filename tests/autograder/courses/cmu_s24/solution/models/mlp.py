"""Networks of fixed sizes. In this course `layers` has linear layers and activations in turn.

With `debug`, a network keeps the numbers on its way, each as an attribute.
"""

from mytorch.nn.activation import ReLU

from mytorch.nn.linear import Linear


class MLP0:
    """One linear layer, 2 inputs to 3 outputs, and a ReLU."""

    def __init__(self, debug=False):
        self.layers = [Linear(2, 3), ReLU()]
        self.debug = debug

    def forward(self, A0):
        """The output A1 `(N, 3)` for `A0 (N, 2)`: the linear layer gives Z0, the ReLU A1.

        With `debug`, keep `Z0` and `A1`.
        """
        Z0 = self.layers[0].forward(A0)
        A1 = self.layers[1].forward(Z0)
        if self.debug:
            self.Z0, self.A1 = Z0, A1
        return A1

    def backward(self, dLdA1):
        """The gradient for the input, `(N, 2)`, from that for the output, `(N, 3)`.

        With `debug`, keep `dLdZ0` and `dLdA0`.
        """
        dLdZ0 = self.layers[1].backward(dLdA1)
        dLdA0 = self.layers[0].backward(dLdZ0)
        if self.debug:
            self.dLdZ0, self.dLdA0 = dLdZ0, dLdA0
        return dLdA0


class MLP1:
    """Two linear layers, 2 inputs to 3 to 2 outputs, a ReLU after each."""

    def __init__(self, debug=False):
        """Makes the list `layers`, four entries; keeps `debug`."""
        self.layers = [Linear(2, 3), ReLU(), Linear(3, 2), ReLU()]
        self.debug = debug

    def forward(self, A0):
        """The output A2 `(N, 2)` for `A0 (N, 2)`.

        With `debug`, keep `Z0`, `A1`, `Z1` and `A2`.
        """
        Z0 = self.layers[0].forward(A0)
        A1 = self.layers[1].forward(Z0)
        Z1 = self.layers[2].forward(A1)
        A2 = self.layers[3].forward(Z1)
        if self.debug:
            self.Z0, self.A1, self.Z1, self.A2 = Z0, A1, Z1, A2
        return A2

    def backward(self, dLdA2):
        """The gradient for the input, `(N, 2)`, from that for the output, `(N, 2)`.

        With `debug`, keep `dLdZ1`, `dLdA1`, `dLdZ0` and `dLdA0`.
        """
        dLdZ1 = self.layers[3].backward(dLdA2)
        dLdA1 = self.layers[2].backward(dLdZ1)
        dLdZ0 = self.layers[1].backward(dLdA1)
        dLdA0 = self.layers[0].backward(dLdZ0)
        if self.debug:
            self.dLdZ1, self.dLdA1, self.dLdZ0, self.dLdA0 = dLdZ1, dLdA1, dLdZ0, dLdA0
        return dLdA0


class MLP4:
    """Five linear layers, 2 inputs to 4, 8, 8, 4 and 2 outputs, a ReLU after each, the last too."""

    def __init__(self, debug=False):
        """Makes the list `layers`, ten entries; keeps `debug`."""
        linear = [Linear(2, 4), Linear(4, 8), Linear(8, 8), Linear(8, 4), Linear(4, 2)]
        self.layers = [one for layer in linear for one in (layer, ReLU())]
        self.debug = debug

    def forward(self, A):
        """The output `(N, 2)` for `A (N, 2)`.

        With `debug`, keep the list `A`: the input, and the outputs of the ten layers in order.
        """
        kept = [A]
        for layer in self.layers:
            kept.append(layer.forward(kept[-1]))
        if self.debug:
            self.A = kept
        return kept[-1]

    def backward(self, dLdA):
        """The gradient for the input, `(N, 2)`, from that for the output, `(N, 2)`.

        With `debug`, keep the list `dLdA`, eleven entries: entry i belongs to entry i of `A`, the
        last one is the argument.
        """
        kept = [dLdA]
        for layer in reversed(self.layers):
            kept.insert(0, layer.backward(kept[0]))
        if self.debug:
            self.dLdA = kept
        return kept[0]
