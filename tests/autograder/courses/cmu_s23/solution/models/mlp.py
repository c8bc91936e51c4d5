"""Networks of fixed sizes. In this course `layers` has linear layers, `f` their activations.

With `debug`, a network keeps the numbers on its way, each as an attribute.
"""

from mytorch.nn.activation import ReLU

from mytorch.nn.linear import Linear


class MLP0:
    """One linear layer, 2 inputs to 3 outputs, and a ReLU."""

    def __init__(self, debug=False):
        self.layers = [Linear(2, 3)]
        self.f = [ReLU()]
        self.debug = debug

    def forward(self, A0):
        """The output A1 `(N, 3)` for `A0 (N, 2)`: the linear layer gives Z0, the ReLU A1.

        With `debug`, keep `Z0` and `A1`.
        """
        Z0 = self.layers[0].forward(A0)
        A1 = self.f[0].forward(Z0)
        if self.debug:
            self.Z0, self.A1 = Z0, A1
        return A1

    def backward(self, dLdA1):
        """Goes back from the gradient for the output, `(N, 3)`, through the ReLU and the layer.

        With `debug`, keep `dA1dZ0`, `dLdZ0` and `dLdA0`. The ReLU gives its own derivative, so

            dLdZ0 = dLdA1 * dA1dZ0
        """
        dA1dZ0 = self.f[0].backward()
        dLdZ0 = dLdA1 * dA1dZ0
        dLdA0 = self.layers[0].backward(dLdZ0)
        if self.debug:
            self.dA1dZ0, self.dLdZ0, self.dLdA0 = dA1dZ0, dLdZ0, dLdA0


class MLP1:
    """Two linear layers, 2 inputs to 3 to 2 outputs, a ReLU after each."""

    def __init__(self, debug=False):
        """Makes the lists `layers` and `f`, two entries each; keeps `debug`."""
        self.layers = [Linear(2, 3), Linear(3, 2)]
        self.f = [ReLU(), ReLU()]
        self.debug = debug

    def forward(self, A0):
        """The output A2 `(N, 2)` for `A0 (N, 2)`.

        With `debug`, keep `Z0`, `A1`, `Z1` and `A2`.
        """
        Z0 = self.layers[0].forward(A0)
        A1 = self.f[0].forward(Z0)
        Z1 = self.layers[1].forward(A1)
        A2 = self.f[1].forward(Z1)
        if self.debug:
            self.Z0, self.A1, self.Z1, self.A2 = Z0, A1, Z1, A2
        return A2

    def backward(self, dLdA2):
        """Goes back from the gradient for the output, `(N, 2)`, through all layers.

        With `debug`, keep `dA2dZ1`, `dLdZ1`, `dLdA1`, `dA1dZ0`, `dLdZ0` and `dLdA0`.
        """
        dA2dZ1 = self.f[1].backward()
        dLdZ1 = dLdA2 * dA2dZ1
        dLdA1 = self.layers[1].backward(dLdZ1)
        dA1dZ0 = self.f[0].backward()
        dLdZ0 = dLdA1 * dA1dZ0
        dLdA0 = self.layers[0].backward(dLdZ0)
        if self.debug:
            self.dA2dZ1, self.dLdZ1, self.dLdA1 = dA2dZ1, dLdZ1, dLdA1
            self.dA1dZ0, self.dLdZ0, self.dLdA0 = dA1dZ0, dLdZ0, dLdA0


class MLP4:
    """Five linear layers, 2 inputs to 4, 8, 8, 4 and 2 outputs, a ReLU after each, the last too."""

    def __init__(self, debug=False):
        """Makes the lists `layers` and `f`, five entries each; keeps `debug`."""
        self.layers = [Linear(2, 4), Linear(4, 8), Linear(8, 8), Linear(8, 4), Linear(4, 2)]
        self.f = [ReLU(), ReLU(), ReLU(), ReLU(), ReLU()]
        self.debug = debug

    def forward(self, A):
        """The output `(N, 2)` for `A (N, 2)`.

        With `debug`, keep the lists `Z`, the outputs of the five linear layers, and `A`, the input
        and the outputs of the five ReLUs.
        """
        kept_Z, kept_A = [], [A]
        for layer, f in zip(self.layers, self.f):
            Z = layer.forward(A)
            A = f.forward(Z)
            kept_Z.append(Z)
            kept_A.append(A)
        if self.debug:
            self.Z, self.A = kept_Z, kept_A
        return A

    def backward(self, dLdA):
        """Goes back from the gradient for the output, `(N, 2)`, through all layers.

        With `debug`, keep the lists `dAdZ` and `dLdZ`, five entries each, and `dLdA`, six: entry i
        belongs to entry i of `A`, the last one is the argument.
        """
        kept_dAdZ, kept_dLdZ, kept_dLdA = [], [], [dLdA]
        for layer, f in zip(reversed(self.layers), reversed(self.f)):
            dAdZ = f.backward()
            dLdZ = dLdA * dAdZ
            dLdA = layer.backward(dLdZ)
            kept_dAdZ.insert(0, dAdZ)
            kept_dLdZ.insert(0, dLdZ)
            kept_dLdA.insert(0, dLdA)
        if self.debug:
            self.dAdZ, self.dLdZ, self.dLdA = kept_dAdZ, kept_dLdZ, kept_dLdA
