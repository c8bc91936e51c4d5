"""Deep learning in Amsterdam, assignment 1 of November 2019: its NumPy part, question 1.2."""

COMMAND = "uva-2019"
TITLE = "Amsterdam 2019"
DESCRIPTION = (
    "Grades the NumPy part of assignment 1 of the Amsterdam course, November 2019 (modules.py and "
    "mlp_numpy.py); what is written with PyTorch is not graded here."
)
LAYOUT = {
    "files": ("modules.py", "mlp_numpy.py", "train_mlp_numpy.py", "custom_batchnorm.py"),
    "least": 2,
    "marks": (("modules.py", r"class (LinearModule|SoftMaxModule|LeakyReLUModule)\b"),),
}
MODULES = ("LinearModule", "LeakyReLUModule", "SoftMaxModule", "CrossEntropyModule")
CONVENTIONS = {
    "weight": "either",
    "bias": "any",
    "mean": "loss",
    "activation": "gradient",
    "loss": "probabilities",
    "loss_backward": "inputs",
    "initial": 1e-4,
    "layers": "any",
    "names": {
        "Linear": "LinearModule",
        "LeakyReLU": "LeakyReLUModule",
        "Softmax": "SoftMaxModule",
        "CrossEntropyLoss": "CrossEntropyModule",
        "W": "params.weight",
        "b": "params.bias",
        "dW": "grads.weight",
        "db": "grads.bias",
    },
    "homes": {**dict.fromkeys(MODULES, ("modules",)), "MLP": ("mlp_numpy",)},
}
POINTS = (
    ("1.2a", "Linear module", "linear", {"forward": 2, "backward": 3}, True),
    ("1.2a+", "Linear: bias, start", "linear_more", {"start": 1, "forward": 1, "backward": 2},
     False),
    ("1.2b", "Leaky ReLU module", "leaky", {"forward": 0.5, "backward": 0.5}, True),
    ("1.2b+", "Leaky ReLU: the slope", "leaky_more", {"forward": 1, "backward": 1}, False),
    ("1.2c", "Softmax module", "softmax", {"forward": 1, "backward": 2}, True),
    ("1.2c+", "Softmax: large inputs", "softmax_more", {"forward": 1, "backward": 1}, False),
    ("1.2d", "Cross-entropy module", "cross_entropy", {"forward": 1, "backward": 1}, True),
    ("1.2d+", "Cross-entropy: exact logarithm", "cross_entropy_more", {"forward": 1, "backward": 1},
     False),
    ("1.2e", "MLP", "mlp", {"forward": 2, "backward": 2}, True),
)  # fmt: skip
"""The 15 points of question 1.2; those with a + ask what the course's tests never look at."""
