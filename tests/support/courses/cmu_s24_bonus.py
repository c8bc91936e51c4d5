"""Run in the folder of cmu-s24-bonus: steps and masks as the course's own tests have them."""

import numpy as np
from mytorch.models.mlp import MLP4
from mytorch.optim.adamW import AdamW
from oracle import near

import mytorch
from mytorch.nn import CrossEntropyLoss, Linear
from mytorch.nn.dropout import Dropout
from mytorch.optim.adam import Adam

rng = np.random.default_rng(7)
assert Linear(2, 3).dLdW.shape == (3, 2)  # which the tests fill with zeros before any backward
assert mytorch.Adam is Adam
assert mytorch.MLP4 is MLP4
assert not hasattr(mytorch, "Dropout")

for kind, decay in ((Adam, 0.0), (AdamW, 0.01)):
    model, loss = MLP4(), CrossEntropyLoss()
    linear = model.layers[::2]
    start = [(rng.normal(size=one.W.shape), rng.normal(size=one.b.shape)) for one in linear]
    optimizer = kind(model, lr=0.008)
    assert (optimizer.beta1, optimizer.beta2, optimizer.eps, optimizer.t) == (0.9, 0.999, 1e-8, 0)
    x, y = rng.normal(size=(6, 2)), np.eye(2)[[0, 1, 1, 0, 1, 0]]
    for _ in range(5):
        for one, (W, b) in zip(linear, start, strict=True):
            one.W, one.b = W.copy(), b.copy()
        loss.forward(model.forward(x), y)
        model.backward(loss.backward())
        optimizer.step()
        for i, (W, b) in enumerate(start):
            for name, old in (("W", W), ("b", b)):
                g = getattr(linear[i], f"dLd{name}")
                right = old - 0.008 * decay * old - 0.008 * g / np.sqrt(g * g + 1e-8)
                near(getattr(optimizer.l[i], name), right, atol=1e-7)
    assert optimizer.t == 5
    assert len(optimizer.m_W) == len(optimizer.v_b) == 5

layer = type("Layer", (), {})()
layer.W, layer.b = np.array([[1.0, -2.0]]), np.array([[0.5]])
optimizer = Adam(type("Model", (), {"layers": [layer]})(), 0.1, 0.5, 0.75, 0.25)
value, gradients = np.array([1.0, -2.0, 0.5]), np.array([[0.5, -1, 2], [1, 1, -1], [0, 0.25, 0.5]])
for t in range(1, 4):
    layer.dLdW, layer.dLdb = gradients[t - 1, None, :2], gradients[t - 1, None, 2:]
    optimizer.step()
    ages = np.arange(t)[::-1, None]
    m = (0.5**ages * gradients[:t]).sum(axis=0) / (0.5**ages).sum()
    v = (0.75**ages * gradients[:t] ** 2).sum(axis=0) / (0.75**ages).sum()
    value = value - 0.1 * m / np.sqrt(v + 0.25)
    near(np.concatenate([layer.W[0], layer.b[0]]), value, rtol=1e-6)

np.random.seed(11785)
x = np.random.randn(20, 64)
mask = np.random.binomial(1, 0.7, x.shape)
np.random.seed(11785)
dropout = Dropout(0.3)
x = np.random.randn(20, 64)
near(dropout(x), x * mask / 0.7)
near(dropout.backward(np.ones_like(x)), mask)  # not divided by 1 - p
near(dropout.forward(x, train=False), x)
