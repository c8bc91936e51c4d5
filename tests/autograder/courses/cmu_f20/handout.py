"""What a handout of this edition is made of; see `tests/autograder/handout`."""

BLANKS = {
    "mytorch/tensor.py": {
        "Tensor.__sub__": "1.1a",
        "Tensor.__mul__": "1.1b",
        "Tensor.__truediv__": "1.1c",
        "Tensor.backward": "1.2",
    },
    "mytorch/nn/functional.py": {
        "Sub.forward": "1.1a",
        "Sub.backward": "1.1a",
        "Mul.forward": "1.1b",
        "Mul.backward": "1.1b",
        "Div.forward": "1.1c",
        "Div.backward": "1.1c",
        "unbroadcast": "1.2",
        "MatMul.forward": "2.1",
        "MatMul.backward": "2.1",
        "ReLU.forward": "2.2",
        "ReLU.backward": "2.2",
    },
    "mytorch/autograd_engine.py": {
        "Function.apply": "1.2",
        "backward": "1.2",
        "AccumulateGrad.apply": "1.2",
    },
    "mytorch/nn/linear.py": {"Linear.forward": "2.1"},
    "mytorch/nn/activations.py": {"ReLU.forward": "2.2"},
    "mytorch/optim/sgd.py": {"SGD.step": "2.3"},
    "mytorch/nn/batchnorm.py": {"BatchNorm1d.forward": "2.4"},
    "mytorch/nn/loss.py": {"CrossEntropyLoss.forward": "2.5"},
    "hw1/mnist.py": {"mnist": "3", "train": "3", "validate": "3"},
}
"""The functions of `solution/` that a student writes, each with the question that grades it."""

CASES = {
    "subtraction": "ordinary",
    "multiplication": "ordinary",
    "division": "ordinary",
    "graph": "broadcast",
    "module_linear": "ordinary",
    "module_relu": "zeros",
    "sgd": "ordinary",
    "module_batchnorm": "ordinary",
    "cross_entropy": "ordinary",
    "sgd_momentum": "ordinary",
}
"""The one case of each exercise whose right answers a handout has."""

TOOLS = ("__init__", "handout", "exam", "exam_properties", "training")
"""The modules of this folder that a handout has."""

EMPTIED: dict[str, tuple[str, ...]] = {}
"""Functions of those that would tell a formula; nothing is asked by them in a handout."""
