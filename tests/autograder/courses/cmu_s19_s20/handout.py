"""What a handout of this edition is made of; see `tests/autograder/handout`."""

BLANKS = {
    "mytorch/loss.py": {
        "SoftmaxCrossEntropy.forward": "2.1",
        "SoftmaxCrossEntropy.derivative": "2.1",
    },
    "mytorch/linear.py": {"Linear.forward": "linear", "Linear.backward": "linear"},
    "mytorch/activation.py": {
        "Sigmoid.forward": "3.3a",
        "Sigmoid.derivative": "3.3a",
        "Tanh.forward": "3.3b",
        "Tanh.derivative": "3.3b",
        "ReLU.forward": "3.3c",
        "ReLU.derivative": "3.3c",
    },
    "mytorch/batchnorm.py": {"BatchNorm.forward": "3.5a", "BatchNorm.backward": "3.5a"},
    "hw1/hw1.py": {
        "MLP.forward": "3.2",
        "MLP.backward": "3.2",
        "MLP.zero_grads": "3.2",
        "MLP.step": "3.2",
        "get_training_stats": "3.7",
    },
}
"""The functions of `solution/` that a student writes, each with the question that grades it."""

CASES = {
    "softmax_cross_entropy": "ordinary",
    "linear": "ordinary",
    "classifier": "ordinary",
    "sigmoid": "ordinary",
    "tanh": "ordinary",
    "relu": "zeros",
    "hidden": "one hidden layer",
    "batchnorm": "ordinary",
    "mlp_batchnorm": "first layer",
    "momentum": "batch norm",
}
"""The one case of each exercise whose right answers a handout has."""

TOOLS = ("__init__", "handout", "observing", "exam", "exam_mlp", "exam_properties", "training")
"""The modules of this folder that a handout has."""

EMPTIED = {"exam.py": ("give_average",)}
"""Functions of those that would tell a formula; nothing is asked by them in a handout."""
