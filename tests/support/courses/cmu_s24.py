"""Run in the folder of cmu-s24: its numbers, as the course's own tests have them."""

import math

import models
import numpy as np
from oracle import check_batch_norm, check_sgd, differences, near

import mytorch
from mytorch.nn import (
    GELU,
    BatchNorm1d,
    CrossEntropyLoss,
    Identity,
    Linear,
    MSELoss,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from mytorch.optim import SGD

A = np.arange(-4, 4, dtype="f").reshape(4, 2)
Y = np.array([[0, 1], [1, 0], [1, 0], [0, 1]], "f")


layer = Linear(2, 3, debug=True)
assert not layer.W.any()
assert layer.W.shape == (3, 2)
assert layer.b.shape == (3, 1)
layer.W = np.array([[-2, -1], [0, 1], [2, 3]], "f")
layer.b = np.array([[-1], [0], [1]], "f")
near(layer.forward(A), [[10, -3, -16], [4, -1, -6], [-2, 1, 4], [-8, 3, 14]])
layer.backward(np.array([[-4, -3, -2], [-1, 0, 1], [2, 3, 4], [5, 6, 7]], "f"))
near(layer.dLdA, [[4, -5], [4, 4], [4, 13], [4, 22]])
near(layer.dLdW, np.array([[28, 30], [24, 30], [20, 30]]))
near(layer.dLdb, np.array([[2], [6], [10]]))

for kind, f in (
    (Identity, lambda z: z),
    (Sigmoid, lambda z: 1 / (1 + np.exp(-z))),
    (Tanh, np.tanh),
    (ReLU, lambda z: np.maximum(z, 0)),
    (GELU, lambda z: z * (1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2),
):
    one, z = kind(), np.array([[-1.5, 0.25], [2.0, -0.5], [0.75, 1.0]])
    near(one.forward(z), f(z))
    assert one.A.shape == z.shape
    upstream = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, -2.0]])
    slope = (f(z + 1e-6) - f(z - 1e-6)) / 2e-6
    near(one.backward(upstream), upstream * slope, rtol=1e-6, atol=1e-9)
gelu = GELU()
near(
    gelu.forward(np.array([-2, -0.5, 0, 0.5, 2])), [-0.0455, -0.1543, 0, 0.3457, 1.9545], atol=5e-5
)
near(gelu.backward(np.ones(5)), [-0.0852, 0.1325, 0.5, 0.8675, 1.0852], atol=5e-5)
softmax, z, upstream = Softmax(), np.array([[1.0, -2.0, 0.5]]), np.array([[0.3, -1.0, 2.0]])
softmax.forward(z)
found = softmax.backward(upstream)
near(found, differences(lambda: (softmax.forward(z) * upstream).sum(), z), atol=1e-9)

mse, entropy = MSELoss(), CrossEntropyLoss()
assert np.round(mse.forward(A, Y), 4) == 6.5
near(mse.backward(), (A - Y) / 4)
near(entropy.forward(A, Y), 0.8133, atol=5e-5)
near(entropy.backward(), (entropy.softmax - Y) / 4)

check_batch_norm(BatchNorm1d)


check_sgd(SGD, Linear, ReLU)
assert mytorch.SGD is SGD

rng = np.random.default_rng(3)
for kind in (models.MLP0, models.MLP1, models.MLP4):
    mlp = kind(debug=True)
    linear = mlp.layers[::2]
    for one in linear:
        one.W, one.b = rng.normal(size=one.W.shape), rng.normal(size=one.b.shape)
    n, m = linear[0].W.shape[1], linear[-1].W.shape[0]
    x, y = rng.normal(size=(5, n)), rng.dirichlet(np.ones(m), 5)
    loss = CrossEntropyLoss()
    loss.forward(mlp.forward(x), y)
    dx = mlp.backward(loss.backward())
    near(dx, differences(lambda: loss.forward(mlp.forward(x), y), x), atol=1e-8)
    for one in linear:
        for name in ("W", "b"):
            found = differences(lambda: loss.forward(mlp.forward(x), y), getattr(one, name))
            near(getattr(one, f"dLd{name}"), found, atol=1e-8)
assert len(mlp.A) == len(mlp.dLdA) == 11
assert mlp.A[0] is x
mlp1 = models.MLP1(True)
mlp1.forward(A)
mlp1.backward(Y)
assert {"Z0", "A1", "Z1", "A2", "dLdZ1", "dLdA1", "dLdZ0", "dLdA0"} <= set(vars(mlp1))
assert mlp1.dLdZ1.shape == (4, 2)
assert mlp1.dLdZ0.shape == (4, 3)
