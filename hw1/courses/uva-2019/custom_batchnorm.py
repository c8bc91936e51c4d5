"""Batch normalisation as functions and modules of PyTorch, computed by the library's layer.

It has the training form alone: the course has no running statistics and no evaluation.
"""

import torch
from modules import batchnorm
from torch import nn


class CustomBatchNormManualFunction(torch.autograd.Function):
    """`gamma (input - mean) / sqrt(var + eps) + beta`, with the biased variance of the batch."""

    @staticmethod
    def forward(ctx, input, gamma, beta, eps=1e-5):
        """`input (n_batch, n_neurons)` normalised; `gamma` and `beta` are `(n_neurons,)`."""
        layer = batchnorm.BatchNorm(len(gamma), eps=eps)
        layer.gamma, layer.beta = gamma.detach().numpy()[None], beta.detach().numpy()[None]
        ctx.layer = layer
        return torch.from_numpy(layer.forward(input.detach().numpy())).to(input)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradients for `input`, `gamma` and `beta`, and None for `eps`."""
        layer = ctx.layer
        dx = layer.backward(grad_output.detach().numpy())
        gradients = dx, layer.dgamma[0], layer.dbeta[0]
        return *(
            torch.from_numpy(gradient).to(grad_output) if needed else None
            for gradient, needed in zip(gradients, ctx.needs_input_grad, strict=False)
        ), None  # fmt: skip


class CustomBatchNormManualModule(nn.Module):
    """The function with a `gamma` of ones and a `beta` of zeros to learn."""

    def __init__(self, n_neurons, eps=1e-5):
        super().__init__()
        self.n_neurons, self.eps = n_neurons, eps
        self.gamma = nn.Parameter(torch.ones(n_neurons))
        self.beta = nn.Parameter(torch.zeros(n_neurons))

    def forward(self, input):
        """`input (n_batch, n_neurons)` normalised; ValueError for another shape."""
        if input.dim() != 2 or input.shape[1] != self.n_neurons:
            raise ValueError(
                f"{type(self).__name__}: expected input (n_batch, {self.n_neurons}), "
                f"got {tuple(input.shape)}"
            )
        return CustomBatchNormManualFunction.apply(input, self.gamma, self.beta, self.eps)


class CustomBatchNormAutograd(CustomBatchNormManualModule):
    """The same; its gradients, too, are the library's, and not those of PyTorch's operations."""
