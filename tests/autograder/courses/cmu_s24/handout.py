"""What a handout of this edition is made of; see `tests/autograder/handout`."""

BLANKS = {
    "mytorch/nn/linear.py": dict.fromkeys(
        ("Linear.__init__", "Linear.forward", "Linear.backward"), "1"
    ),
    "mytorch/nn/activation.py": {
        "Sigmoid.forward": "2b",
        "Sigmoid.backward": "2b",
        "Tanh.forward": "2c",
        "Tanh.backward": "2c",
        "ReLU.forward": "2d",
        "ReLU.backward": "2d",
        "GELU.forward": "2e",
        "GELU.backward": "2e",
        "Softmax.forward": "2f",
        "Softmax.backward": "2f",
    },
    "models/mlp.py": {
        "MLP0.forward": "3",
        "MLP0.backward": "3",
        "MLP1.__init__": "4",
        "MLP1.forward": "4",
        "MLP1.backward": "4",
        "MLP4.__init__": "5",
        "MLP4.forward": "5",
        "MLP4.backward": "5",
    },
    "mytorch/nn/loss.py": {
        "MSELoss.forward": "6a",
        "MSELoss.backward": "6a",
        "CrossEntropyLoss.forward": "6b",
        "CrossEntropyLoss.backward": "6b",
    },
    "mytorch/optim/sgd.py": {"SGD.step": "7"},
    "mytorch/nn/batchnorm.py": {"BatchNorm1d.forward": "8", "BatchNorm1d.backward": "8"},
}
"""The functions of `solution/` that a student writes, each with the question that grades it."""

CASES = {
    "linear": "ordinary",
    "linear_more": "ordinary",
    "identity": "ordinary",
    "sigmoid": "ordinary",
    "tanh": "ordinary",
    "relu": "zeros",
    "gelu": "ordinary",
    "softmax": "ordinary",
    "mlp0": "ordinary",
    "mlp1": "ordinary",
    "networks_more": "MLP1",
    "mlp4": "ordinary",
    "mse": "ordinary",
    "cross_entropy": "ordinary",
    "cross_entropy_more": "soft labels",
    "sgd": "momentum",
    "sgd_more": "two layers, momentum",
    "batchnorm": "ordinary",
    "batchnorm_more": "ordinary",
}
"""The one case of each exercise whose right answers a handout has."""

SAME = {
    "cmu_s23": (
        *("mytorch/__init__.py", "mytorch/optim/__init__.py", "mytorch/optim/sgd.py"),
        *("mytorch/nn/batchnorm.py", "models/__init__.py"),
    )
}
"""Files that are another course's: those of its `solution/`."""

TOOLS = ("handout",)
"""The modules of this folder that a handout has."""
