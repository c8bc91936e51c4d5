"""What each method computes: said with the line of a mistake that no other sentence names.

By method, then by what the wrong statement assigns (`return` for a result); an empty name stands
for everything else in the method.
"""

from __future__ import annotations

UNBROADCAST = (
    "each gradient is summed to the shape of its input, where that was broadcast (002 §2.1)"
)
RUNNING = (
    "running = (1 - momentum) * running + momentum * batch, with the unbiased variance (002 §2.4)"
)

PLACES: dict[str, dict[str, str]] = {
    "backward": {
        "": "each gradient goes to the parent at its own place, also past those that need none "
        "(002 §1.2)",
    },
    "unbroadcast": {"": UNBROADCAST},
    "Add.backward": {"": f"the gradient of both is the one of the sum; {UNBROADCAST}"},
    "Sub.backward": {"": "the gradient of a - b is g for a and -g for b (002 §1.1)"},
    "Mul.backward": {"": "the gradient of a * b is g * b for a and g * a for b (002 §1.1)"},
    "Div.backward": {"": "the gradient of a / b is g / b for a and -g * a / b² for b (002 §1.1)"},
    "MatMul.backward": {"": "the gradient of a @ b is g @ b.T for a and a.T @ g for b (002 §2.1)"},
    "ReLU.forward": {"": "max(z, 0) (002 §2.2)"},
    "ReLU.backward": {"": "the gradient passes where z > 0 (002 §2.2)"},
    "AccumulateGrad.apply": {
        "": "a leaf adds up all gradients that reach it, in an array of its own (002 §1.2)",
    },
    "Linear.forward": {"": "the output is x @ weight.T + bias (002 §2.1)"},
    "BatchNorm1d.forward": {
        "mean": "the mean of each column, over the batch (002 §2.4)",
        "var": "the biased variance of each column, over the batch (002 §2.4)",
        "running_mean": RUNNING,
        "running_var": RUNNING,
        "": "gamma * (x - mean) / sqrt(var + eps) + beta, in evaluation with the running "
        "statistics (002 §2.4)",
    },
    "CrossEntropy.forward": {
        "": "the mean over the batch of -log p of the right class, by LogSumExp (002 app. B)",
    },
    "CrossEntropy.backward": {"": "(p - y) / batch, times the gradient above (002 app. B)"},
    "SGD.step": {
        "": "v = momentum * v - lr * grad, and the parameter moves by v (002 §2.6)",
    },
}
