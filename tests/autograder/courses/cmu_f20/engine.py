"""The homework's classes by PyTorch in float64; nothing is derived by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F


class Tensor:
    """A tensor of torch with the homework's names; `data` shares its memory."""

    def __init__(self, data: Any, requires_grad: bool = False, **options: Any) -> None:
        torch_made = isinstance(data, torch.Tensor)
        self.torch = data if torch_made else torch.tensor(np.asarray(data))
        if requires_grad:
            self.torch.requires_grad_()

    @property
    def data(self) -> Any:
        return self.torch.detach().numpy()

    @property
    def grad(self) -> Tensor | None:
        found = self.torch.grad if self.torch.is_leaf else None
        return None if found is None else Tensor(found)

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        self.torch.grad = None if grad is None else grad.torch

    def __add__(self, other: Tensor) -> Tensor:
        return Tensor(self.torch + other.torch)

    def __sub__(self, other: Tensor) -> Tensor:
        return Tensor(self.torch - other.torch)

    def __mul__(self, other: Tensor) -> Tensor:
        return Tensor(self.torch * other.torch)

    def __truediv__(self, other: Tensor) -> Tensor:
        return Tensor(self.torch / other.torch)

    def backward(self) -> None:
        self.torch.sum().backward()


class Module:
    """A module of torch, on tensors of the homework."""

    torch: Any

    def __call__(self, x: Tensor) -> Tensor:
        return Tensor(self.torch(x.torch))

    def train(self) -> None:
        self.torch.train()

    def eval(self) -> None:
        self.torch.eval()


class Linear(Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        self.torch = torch.nn.Linear(inputs, outputs).double()
        self.weight, self.bias = Tensor(self.torch.weight), Tensor(self.torch.bias)


class ReLU(Module):
    torch = torch.nn.ReLU()


class BatchNorm1d(Module):
    def __init__(self, features: int) -> None:
        self.torch = torch.nn.BatchNorm1d(features).double()
        self.gamma, self.beta = Tensor(self.torch.weight), Tensor(self.torch.bias)
        self.running_mean = Tensor(self.torch.running_mean)
        self.running_var = Tensor(self.torch.running_var)


class CrossEntropyLoss:
    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        return Tensor(F.cross_entropy(logits.torch, labels.torch))


class SGD:
    def __init__(self, params: list[Tensor], lr: float, momentum: float) -> None:
        self.torch = torch.optim.SGD([p.torch for p in params], lr=lr, momentum=momentum)

    def zero_grad(self) -> None:
        self.torch.zero_grad()

    def step(self) -> None:
        self.torch.step()


CLASSES = {
    "Tensor": Tensor,
    "SGD": SGD,
    "nn.Linear": Linear,
    "nn.ReLU": ReLU,
    "nn.BatchNorm1d": BatchNorm1d,
    "nn.CrossEntropyLoss": CrossEntropyLoss,
}
