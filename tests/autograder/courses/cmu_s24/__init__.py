"""CMU 11-785, homework 1 part 1 of spring 2024."""

COMMAND = "cmu-s24"
TITLE = "CMU spring 2024"
DESCRIPTION = "Grades homework 1 part 1 of CMU 11-785, spring 2024 (mytorch/nn and models/)."
LAYOUT = {
    "files": ("mytorch/nn/linear.py", "mytorch/nn/activation.py", "mytorch/nn/loss.py"),
    "marks": (
        ("mytorch/nn/activation.py", r"def backward\(\s*self\s*,"),
        ("mytorch/nn/activation.py", r"class (GELU|Softmax)\b"),
    ),
}
NAMES = {
    "dW": "dLdW",
    "db": "dLdb",
    "gamma": "BW",
    "beta": "Bb",
    "dgamma": "dLdBW",
    "dbeta": "dLdBb",
    "running_mean": "running_M",
    "running_var": "running_V",
}
MODELS = ("models.mlp", "models", "mytorch.models.mlp", "mytorch.models")
ACTIVATIONS = ("Identity", "Sigmoid", "Tanh", "ReLU", "GELU", "Softmax")
HOMES = {
    "Linear": ("mytorch.nn.linear",),
    **dict.fromkeys(ACTIVATIONS, ("mytorch.nn.activation",)),
    **dict.fromkeys(("MSELoss", "CrossEntropyLoss"), ("mytorch.nn.loss",)),
    "BatchNorm1d": ("mytorch.nn.batchnorm",),
    "SGD": ("mytorch.optim.sgd",),
    **dict.fromkeys(("MLP0", "MLP1", "MLP4"), MODELS),
}
NETWORKS = {"MLP0": (2, 3), "MLP1": (2, 3, 2), "MLP4": (2, 4, 8, 8, 4, 2)}


def _kept(layers: int) -> dict[str, str]:
    """What MLP0 and MLP1 keep, each number under a name of its own."""
    names = [name for i in range(layers) for name in (f"Z{i}", f"A{i + 1}")]
    names += [name for i in range(layers) for name in (f"dLdZ{i}", f"dLdA{i}")]
    return {name: name for name in names}


def _numbers(name: str) -> list[str]:
    """A number for each of the eleven entries of a list of MLP4: A0, Z0, A1, Z1 ..."""
    return [f"{name}{'Z' if i % 2 else 'A'}{i // 2}" for i in range(11)]


CONVENTIONS = {
    "mean": "loss",
    "activation": "gradient",
    "loss_value": "NumPy",
    "mse": 2,
    "initial": "any",
    "layers": "alternating",
    "networks": NETWORKS,
    "names": NAMES,
    "homes": HOMES,
    "kept": {
        "Linear": {"dLdA": "dLdA"},
        "MLP0": _kept(1),
        "MLP1": _kept(2),
        "MLP4": {
            **{f"A.{i}": what for i, what in enumerate(_numbers(""))},
            **{f"dLdA.{i}": what for i, what in enumerate(_numbers("dLd"))},
        },
    },
}
POINTS = (
    ("1", "Linear layer", "linear", {"forward": 5, "backward": 10}, True),
    ("1+", "Linear: bias, second batch", "linear_more", {"start": 1, "forward": 1, "backward": 3},
     False),
    ("2a", "Identity", "identity", {"forward": 0.5, "backward": 0.5}, True),
    ("2b", "Sigmoid", "sigmoid", {"forward": 0.5, "backward": 1}, True),
    ("2c", "Tanh", "tanh", {"forward": 0.5, "backward": 1}, True),
    ("2d", "ReLU", "relu", {"forward": 0.5, "backward": 1}, True),
    ("2e", "GELU", "gelu", {"forward": 1, "backward": 1.5}, True),
    ("2f", "Softmax", "softmax", {"forward": 0.5, "backward": 1.5}, True),
    ("3", "MLP0", "mlp0", {"forward": 4, "backward": 6}, True),
    ("4", "MLP1", "mlp1", {"forward": 4, "backward": 6}, True),
    ("4+", "MLP1: all layers, no debug", "networks_more", {"forward": 1, "backward": 2}, False),
    ("5", "MLP4", "mlp4", {"forward": 5, "backward": 10}, True),
    ("6a", "Mean squared error", "mse", {"forward": 2, "backward": 2}, True),
    ("6b", "Cross-entropy", "cross_entropy", {"forward": 3, "backward": 3}, True),
    ("6b+", "Cross-entropy: soft labels", "cross_entropy_more", {"forward": 1, "backward": 1},
     False),
    ("7", "SGD with momentum", "sgd", {"step": 10}, True),
    ("7+", "SGD: plain, two layers", "sgd_more", {"step": 4}, False),
    ("8", "Batch norm", "batchnorm", {"forward": 6, "eval": 4, "backward": 10}, True),
    ("8+", "Batch norm: running, dBW", "batchnorm_more", {"running": 3, "backward": 2, "eval": 1},
     False),
)  # fmt: skip
"""Points and order of the course's own grader; those with a + ask what it never looks at."""
