"""Run in the folder of uva-2019: its modules against finite differences and plain expressions."""

from functools import partial

import mlp_numpy
import numpy as np
from modules import CrossEntropyModule, LeakyReLUModule, LinearModule, SoftMaxModule
from oracle import differences, near

rng = np.random.default_rng(5)
differences = partial(differences, h=1e-5)

layer, x, dout = LinearModule(4, 3), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
assert layer.params["weight"].shape == (3, 4)
assert not layer.params["bias"].any()
assert np.std(LinearModule(300, 200).params["weight"]) < 1.02e-4
assert not any(grad.any() for grad in layer.grads.values())
layer.params["weight"][:] = rng.normal(size=(3, 4))  # forward reads what is there
layer.params["bias"][:] = [1.0, -2.0, 0.5]
before = x.copy()
near(layer.forward(x), x @ layer.params["weight"].T + layer.params["bias"])
near(layer.backward(dout), dout @ layer.params["weight"])
near(layer.grads["weight"], dout.T @ x)
near(layer.grads["bias"], dout.sum(axis=0))
near(x, before, rtol=0)

for slope in (0, 0.02, 1.5):
    one = LeakyReLUModule(slope)
    near(one.forward(x), np.maximum(0, x) + slope * np.minimum(0, x))
    near(one.backward(2 * x), 2 * x * np.where(x > 0, 1, slope))

softmax, z = SoftMaxModule(), rng.normal(size=(5, 3))
p = softmax.forward(z)
near(p, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
found = differences(lambda: (softmax.forward(z) * dout).sum(), z)
softmax.forward(z)
near(softmax.backward(dout), found, atol=1e-9)
near(softmax.forward(np.array([[1000.0, 0.0], [-1000.0, 0.0]])), [[1, 0], [0, 1]])

y = np.eye(3)[[0, 2, 1, 1, 0]]
entropy = CrossEntropyModule()
near(CrossEntropyModule().backward(p, y), -y / p / 5)  # needs no forward
near(entropy.forward(p, y), -(y * np.log(p)).sum() / 5)
assert np.ndim(entropy.forward(p, y)) == 0

for hidden in ([], [6], [6, 5]):
    mlp = mlp_numpy.MLP(4, hidden, 3, 0.02)
    linear = [one for one in mlp.modules if isinstance(one, LinearModule)]
    for one in linear:
        one.params["weight"] += rng.normal(size=one.params["weight"].shape)
    out = mlp.forward(x)
    near(out.sum(axis=1), 1)
    mlp.backward(entropy.backward(out, y))
    for one in linear:
        for name, array in one.params.items():
            found = differences(lambda: entropy.forward(mlp.forward(x), y), array)
            near(one.grads[name], found, atol=1e-8)
