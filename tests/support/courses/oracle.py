"""What the scripts of several courses compare with."""

import numpy as np

near = np.testing.assert_allclose


def differences(f, x, h=1e-6):
    """The gradient of f() for x, by central differences."""
    result = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = f()
        x[i] = kept - h
        result[i] = (above - f()) / (2 * h)
        x[i] = kept
    return result


def check_batch_norm(BatchNorm1d):
    """The numbers of both springs' own tests, and those that they do not look at."""
    norm = BatchNorm1d(2)
    near([norm.running_M, norm.running_V], [[[0, 0]], [[1, 1]]])
    norm.BW, norm.Bb = np.array([[2, 5]], "f"), np.array([[-1, 2]], "f")
    Z = np.array([[1, 4], [7, 0], [1, 0], [7, 4]], "f")
    near(norm.forward(Z, eval=True), [[1, 22], [13, 2], [1, 2], [13, 22]], rtol=1e-6)
    near(norm.forward(Z), [[-3, 7], [1, -3], [-3, -3], [1, 7]], rtol=1e-6)
    near(norm.running_M, [[0.4, 0.2]])
    near(norm.running_V, [[1.8, 1.3]])
    out = norm.backward(np.array([[-6, 2], [-12, 16], [-12, 20], [-6, 2]], "f"))
    near(out, [[2, 0], [-2, -5], [-2, 5], [2, 0]], atol=1e-6)
    near(norm.dLdBW, [[0, -32]], atol=1e-5)
    near(norm.dLdBb, [[-36, 40]])


class Model:
    """A stand-in with one layer, or two with an activation between them."""

    def __init__(self, *layers):
        self.layers = list(layers)


def check_sgd(SGD, Linear, ReLU):
    """Two steps without and with momentum, of two layers."""
    for momentum, expected in (0, [0.91, 0.82]), (0.9, [0.91, 0.739]):
        two = [Linear(3, 2), Linear(2, 2)]
        for one in two:
            one.W, one.b = np.ones((3, 2), "f"), np.ones((3, 1), "f")
            one.dLdW, one.dLdb = np.full((3, 2), 0.1, "f"), np.full((3, 1), 0.1, "f")
        optimizer = SGD(Model(two[0], ReLU(), two[1]), lr=0.9, momentum=momentum)
        for value in expected:
            optimizer.step()
            for one in two:
                near(one.W, value, rtol=1e-6)
                near(one.b, value, rtol=1e-6)
