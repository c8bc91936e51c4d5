"""NumPy without a library: a loop as a textbook prints it, and the matrix products alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.contenders import Step, Unavailable
from tests.benchmarks.workloads import LEARNING_RATE, Data, Workload, initial_weights

Array = npt.NDArray[Any]


def textbook(workload: Workload, dtype: str, data: Data) -> Step:
    """Lists of weights and gradients, one NumPy expression for each formula."""
    if workload.convolutions:
        raise Unavailable("no convolutions here, so no W6")
    weights = initial_weights(workload, dtype)
    biases = [np.zeros((1, w.shape[1]), dtype) for w in weights]
    velocities = [np.zeros_like(w) for w in weights]
    bias_velocities = [np.zeros_like(b) for b in biases]
    gamma, beta = np.ones_like(biases[0]), np.zeros_like(biases[0])
    x, one_hot = data.x, data.one_hot
    last = len(weights) - 1

    def activate(z: Array) -> Array:
        if workload.activation == "sigmoid":
            return 1 / (1 + np.exp(-z))
        return np.where(z > 0, z, slope * z)

    def slope_at(y: Array) -> Array:
        if workload.activation == "sigmoid":
            return y * (1 - y)
        return np.where(y > 0, 1, slope).astype(y.dtype)

    slope = {"leaky-relu": 0.01}.get(workload.activation, 0.0)

    def step(rows: Array) -> Any:
        nonlocal gamma, beta
        outputs = [x[rows]]
        norm = deviation = outputs[0]
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = outputs[-1] @ w + b
            if workload.batch_norm and i == 0:
                deviation = np.sqrt(z.var(axis=0, keepdims=True) + 1e-8)
                norm = (z - z.mean(axis=0, keepdims=True)) / deviation
                z = gamma * norm + beta
            outputs.append(activate(z) if i < last else z)
        exponentials = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        labels = one_hot[rows]
        loss = -np.log((probabilities * labels).sum(axis=1)).mean()

        delta = probabilities - labels
        for i in reversed(range(len(weights))):
            if i < last:
                delta = delta * slope_at(outputs[i + 1])
                if workload.batch_norm and i == 0:
                    dgamma = (delta * norm).sum(axis=0, keepdims=True)
                    dbeta = delta.sum(axis=0, keepdims=True)
                    dnorm = delta * gamma
                    delta = (
                        dnorm - dnorm.mean(axis=0) - norm * (dnorm * norm).mean(axis=0)
                    ) / deviation
                    gamma = gamma - LEARNING_RATE * dgamma
                    beta = beta - LEARNING_RATE * dbeta
            dw, db = outputs[i].T @ delta / len(rows), delta.mean(axis=0, keepdims=True)
            if i > 0:
                delta = delta @ weights[i].T
            velocities[i] = workload.momentum * velocities[i] - LEARNING_RATE * dw
            bias_velocities[i] = workload.momentum * bias_velocities[i] - LEARNING_RATE * db
            weights[i] = weights[i] + velocities[i]
            biases[i] = biases[i] + bias_velocities[i]
        return loss

    return step


def floor(workload: Workload, dtype: str, data: Data) -> Step:
    """The matrix products of a step in their exact shapes, into memory that is there already.

    Forward, gradient of the weights, and gradient for the input of every layer but the first: no
    training step that multiplies these matrices with this BLAS can be faster.
    """
    if workload.convolutions:
        raise Unavailable("no convolutions here, so no W6")
    weights = initial_weights(workload, dtype)
    gradients = [np.empty_like(w) for w in weights]
    outputs = [data.x[: workload.batch].copy()]
    outputs += [np.ones((workload.batch, w.shape[1]), dtype) for w in weights]
    deltas = [np.ones_like(output) for output in outputs]

    def step(rows: Array) -> None:
        for i, w in enumerate(weights):
            np.matmul(outputs[i], w, out=outputs[i + 1])
        for i in reversed(range(len(weights))):
            np.matmul(outputs[i].T, deltas[i + 1], out=gradients[i])
            if i > 0:
                np.matmul(deltas[i + 1], weights[i].T, out=deltas[i])

    return step
