"""The homework's classes by PyTorch in float64; nothing is derived by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F


def leaf(array: Any) -> Any:
    return torch.tensor(np.asarray(array, float), requires_grad=True)


def array_of(tensor: Any) -> Any:
    """A copy in NumPy."""
    return tensor.detach().numpy().copy()


def grads(out: Any, delta: Any, *inputs: Any) -> list[Any]:
    """The gradients of `sum(out * delta)`."""
    found = torch.autograd.grad((out * torch.as_tensor(delta)).sum(), inputs, retain_graph=True)
    return [array_of(grad) for grad in found]


class SoftmaxCrossEntropy:
    def forward(self, x: Any, y: Any) -> Any:
        self.x = leaf(x)
        self.losses = F.cross_entropy(self.x, torch.tensor(y), reduction="none")
        return array_of(self.losses)

    def derivative(self) -> Any:
        return grads(self.losses, np.ones(len(self.losses)), self.x)[0]


class Activation:
    function: Any
    inverse: Any

    def forward(self, z: Any) -> Any:
        self.z = leaf(z)
        self.state = self.out = array_of(self.function(self.z))
        return self.state

    def derivative(self) -> Any:
        """At the input whose output `state` is, where that was set."""
        z = self.z if self.state is self.out else leaf(self.inverse(torch.tensor(self.state)))
        return grads(self.function(z), np.ones(z.shape), z)[0]


class Identity(Activation):
    function = staticmethod(lambda z: z)
    inverse = staticmethod(lambda out: out)


class Sigmoid(Activation):
    function = staticmethod(torch.sigmoid)
    inverse = staticmethod(torch.logit)


class Tanh(Activation):
    function = staticmethod(torch.tanh)
    inverse = staticmethod(torch.atanh)


class ReLU(Activation):
    function = staticmethod(torch.relu)
    inverse = staticmethod(lambda out: out)


class Linear:
    def __init__(self, inputs: int, outputs: int, weight_init_fn: Any, bias_init_fn: Any) -> None:
        self.W, self.b = weight_init_fn(inputs, outputs), bias_init_fn(outputs)

    def forward(self, x: Any) -> Any:
        self.leaves = leaf(x), leaf(self.W), leaf(self.b)
        x, W, b = self.leaves
        self.out = F.linear(x, W.T, b[0])
        return array_of(self.out)

    def backward(self, delta: Any) -> Any:
        """Averages for W and b, not for the input."""
        dx, dW, db = grads(self.out, delta, *self.leaves)
        self.dW, self.db = dW / len(dx), db / len(dx)
        return dx


class BatchNorm:
    eps, alpha = 1e-8, 0.9

    def __init__(self, columns: int) -> None:
        self.gamma, self.beta = np.ones((1, columns)), np.zeros((1, columns))
        self.running_mean, self.running_var = np.zeros((1, columns)), np.ones((1, columns))

    def forward(self, x: Any, eval: bool = False) -> Any:
        self.leaves = leaf(x), leaf(self.gamma), leaf(self.beta)
        self.graph = self.through(self.leaves[0], *self.leaves[1:], eval)
        return array_of(self.graph)

    def through(self, x: Any, gamma: Any, beta: Any, eval: bool) -> Any:
        """Batch norm by torch, whose running variance is unbiased; the homework's is not."""
        running = torch.tensor(self.running_mean[0]), torch.tensor(self.running_var[0])
        if not eval:
            for name, now in (("mean", x.mean(0)), ("var", x.var(0, unbiased=False))):
                old = getattr(self, f"running_{name}")
                setattr(self, name, array_of(now)[None])
                setattr(self, f"running_{name}",
                        self.alpha * old + (1 - self.alpha) * array_of(now))  # fmt: skip
            running = None, None
        return F.batch_norm(x, *running, gamma[0], beta[0], training=not eval, eps=self.eps)

    def backward(self, delta: Any) -> Any:
        """Sums for gamma and beta."""
        dx, self.dgamma, self.dbeta = grads(self.graph, delta, *self.leaves)
        return dx


class MLP:
    """A network whose backward is one call of autograd, and whose step is torch.optim.SGD's."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        hiddens: list[int],
        activations: list[Any],
        weight_init_fn: Any,
        bias_init_fn: Any,
        criterion: Any,
        lr: float,
        momentum: float = 0.0,
        num_bn_layers: int = 0,
    ) -> None:
        sizes = [inputs, *hiddens, outputs]
        self.linear_layers = [
            Linear(a, b, weight_init_fn, bias_init_fn) for a, b in pairwise(sizes)
        ]
        self.bn_layers = [BatchNorm(n) for n in hiddens[:num_bn_layers]]
        self.activations, self.eval_mode = activations, False
        self.leaves = {(p, n): leaf(getattr(p, n)) for p, n in self.names()}
        # torch's momentum is v = m v + grad, W -= lr v: the same steps for a constant lr
        self.optimizers = [
            torch.optim.SGD([self.leaves[key] for key in self.names() if key[0] in layers], lr=lr,
                            momentum=by)
            for layers, by in ((self.linear_layers, momentum), (self.bn_layers, 0.0)) if layers
        ]  # fmt: skip

    def names(self) -> list[tuple[Any, str]]:
        """Every parameter, as the object and the attribute that hold it."""
        linear = [(layer, name) for layer in self.linear_layers for name in ("W", "b")]
        return linear + [(bn, name) for bn in self.bn_layers for name in ("gamma", "beta")]

    def train(self) -> None:
        self.eval_mode = False

    def eval(self) -> None:
        self.eval_mode = True

    def _take_over(self) -> None:
        """What was assigned to the layers reaches the leaves, without a new leaf."""
        for (owner, name), tensor in self.leaves.items():
            tensor.data = torch.tensor(getattr(owner, name))

    def forward(self, x: Any) -> Any:
        self._take_over()
        self.rows, x = len(x), torch.tensor(x)
        for i, (layer, activation) in enumerate(
            zip(self.linear_layers, self.activations, strict=True)
        ):
            x = F.linear(x, self.leaves[layer, "W"].T, self.leaves[layer, "b"][0])
            if i < len(self.bn_layers):
                bn = self.bn_layers[i]
                x = bn.through(x, self.leaves[bn, "gamma"], self.leaves[bn, "beta"], self.eval_mode)
            x = activation.function(x)
        self.out = x
        return array_of(x)

    def backward(self, labels: Any) -> None:
        losses = F.cross_entropy(self.out, torch.tensor(labels), reduction="none")
        found = grads(losses, np.ones(self.rows), *self.leaves.values())
        for (owner, name), grad in zip(self.leaves, found, strict=True):
            setattr(owner, f"d{name}", grad / self.rows if name in ("W", "b") else grad)

    def zero_grads(self) -> None:
        for owner, name in self.leaves:
            setattr(owner, f"d{name}", np.zeros_like(getattr(owner, name)))

    def step(self) -> None:
        self._take_over()
        for (owner, name), tensor in self.leaves.items():
            tensor.grad = torch.tensor(getattr(owner, f"d{name}"))
        for optimizer in self.optimizers:
            optimizer.step()
        for (owner, name), tensor in self.leaves.items():
            setattr(owner, name, array_of(tensor))


CLASSES = {
    kind.__name__: kind
    for kind in (SoftmaxCrossEntropy, Identity, Sigmoid, Tanh, ReLU, Linear, BatchNorm, MLP)
}
