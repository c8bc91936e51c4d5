"""What each method computes: said with the line of a mistake that no other sentence names.

By method, then by what the wrong statement assigns (`return` for a result); an empty name stands
for everything else in the method.
"""

from __future__ import annotations

MOMENTUM = "v = momentum * v - lr * dW, for every linear layer (000 §3.6)"
MOVED = "W = W + v with v = momentum * v - lr * dW, for every linear layer (000 §3.6)"
PLAIN = "gamma and beta take the plain step, - lr * gradient, in every layer (001 §4.2)"
RUNNING = "running = alpha * running + (1 - alpha) * batch, mean and biased variance (001 §4.1)"

PLACES: dict[str, dict[str, str]] = {
    "SoftmaxCrossEntropy.forward": {
        "": "a row's loss is -Σ y log p by LogSumExp, where the logits are shifted by the row's "
        "own maximum, and no logarithm is taken of a small p (000 §2.1)",
    },
    "SoftmaxCrossEntropy.derivative": {
        "": "the derivative is Y - D: already the gradient for the logits, not averaged "
        "(001 §3.2.1)",
    },
    "Linear.forward": {"": "the output is x W + b (001 §2.1.1)"},
    "Linear.backward": {
        "dW": "dW is x.T @ delta, averaged over the batch (001 §3.6)",
        "db": "db is delta averaged over the batch, axis 0, as (1, out) (001 §3.6)",
        "return": "the gradient for the input is delta @ W.T, (batch, in), not averaged (001 §3.5)",
        "": "dW and db are averaged over the batch, the gradient for the input is not (001 §3.6)",
    },
    "Sigmoid.forward": {"": "S(z) = 1 / (1 + exp(-z)), kept in state (000 §3.3)"},
    "Sigmoid.derivative": {"": "S' = S (1 - S), from state (001 §3.3)"},
    "Tanh.forward": {"": "tanh(z), kept in state (000 §3.3)"},
    "Tanh.derivative": {"": "tanh' = 1 - tanh², from state (001 §3.3)"},
    "ReLU.forward": {"": "max(z, 0), kept in state (000 §3.3)"},
    "ReLU.derivative": {"": "1 where state > 0, else 0 (001 §3.3)"},
    "BatchNorm.forward": {
        "mean": "the mean of each column, over the batch, axis 0 (001 §4.1)",
        "var": "the biased variance of each column, over the batch, axis 0 (001 §4.1)",
        "norm": "norm = (x - mean) / sqrt(var + eps) (001 §4.1)",
        "running_mean": RUNNING,
        "running_var": RUNNING,
        "": "gamma * (x - mean) / sqrt(var + eps) + beta, in evaluation with the running "
        "statistics (001 §4.1)",
    },
    "BatchNorm.backward": {
        "dgamma": "dgamma is delta * norm summed over the batch, as (1, n) (001 §4.2)",
        "dbeta": "dbeta is delta summed over the batch, as (1, n) (001 §4.2)",
        "": "dx has a part through each of norm, variance and mean, which depend on all rows "
        "(001 §4.2)",
    },
    "MLP.forward": {
        "": "every layer: linear, batch norm in the first num_bn_layers, activation (001 §4.1)",
    },
    "MLP.backward": {
        "": "from the criterion's derivative, layer by layer from the last: activation, batch norm "
        "where there is one, linear (001 §3, §4.2)",
    },
    "MLP.step": {
        "gamma": PLAIN,
        "beta": PLAIN,
        "momentum_W": MOMENTUM,
        "momentum_b": MOMENTUM,
        "": MOVED,
    },
    "MLP.zero_grads": {"": "every gradient becomes zero, of every layer (001 §3)"},
    "MLP.eval": {"": "from now on the running statistics count (001 §4.1)"},
    "MLP.train": {"": "from now on the batch's statistics count (001 §4.1)"},
}
