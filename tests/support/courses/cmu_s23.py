"""Run in the folder of cmu-s23: its numbers, as the course's own tests have them."""

import models
import numpy as np
from oracle import check_batch_norm, check_sgd, differences, near

import mytorch
from mytorch.nn import BatchNorm1d, CrossEntropyLoss, Identity, Linear, MSELoss, ReLU, Sigmoid, Tanh
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
near(layer.dLdW, np.array([[28, 30], [24, 30], [20, 30]]) / 4)
near(layer.dLdb, np.array([[2], [6], [10]]) / 4)
assert layer.dZdA.shape == (2, 3)
assert layer.dZdb.shape == (4, 1)
assert layer.dZdW is layer.A

for kind, f in (
    (Identity, lambda z: z),
    (Sigmoid, lambda z: 1 / (1 + np.exp(-z))),
    (Tanh, np.tanh),
    (ReLU, lambda z: np.maximum(z, 0)),
):
    one, z = kind(), np.array([[-1.5, 0.25], [2.0, -0.5], [0.75, 1.0]])
    near(one.forward(z), f(z))
    assert one.A.shape == z.shape
    near(one.backward(), (f(z + 1e-6) - f(z - 1e-6)) / 2e-6, rtol=1e-6, atol=1e-9)
assert ReLU().forward(np.zeros((1, 2))).sum() == 0

mse, entropy = MSELoss(), CrossEntropyLoss()
assert np.round(mse.forward(A, Y), 4) == 3.25
near(mse.backward(), (A - Y) / 8)
near(entropy.forward(A, Y), 0.8133, atol=5e-5)
near(entropy.backward(), entropy.softmax - Y)

check_batch_norm(BatchNorm1d)


check_sgd(SGD, Linear, ReLU)
assert mytorch.SGD is SGD

rng = np.random.default_rng(3)
for kind in (models.MLP0, models.MLP1, models.MLP4):
    mlp = kind(debug=True)
    for one in mlp.layers:
        one.W, one.b = rng.normal(size=one.W.shape), rng.normal(size=one.b.shape)
    n, m = mlp.layers[0].W.shape[1], mlp.layers[-1].W.shape[0]
    x, y = rng.normal(size=(5, n)), rng.dirichlet(np.ones(m), 5)
    loss = CrossEntropyLoss()
    loss.forward(mlp.forward(x), y)
    mlp.backward(loss.backward())
    for one in mlp.layers:  # the mean's gradients, although no loss divided
        for name in ("W", "b"):
            found = differences(lambda: loss.forward(mlp.forward(x), y), getattr(one, name))
            near(getattr(one, f"dLd{name}"), found, atol=1e-8)
mlp0, mlp1 = models.MLP0(True), models.MLP1(True)
mlp1.forward(A)
mlp1.backward(Y)
assert {"Z0", "A1", "Z1", "A2", "dA2dZ1", "dLdZ1", "dLdA1", "dA1dZ0", "dLdZ0", "dLdA0"} <= set(
    vars(mlp1)
)
assert [len(getattr(mlp, k)) for k in ("Z", "A", "dAdZ", "dLdZ", "dLdA")] == [5, 6, 5, 5, 6]
