"""What a handout of this course is made of, and what is handed in; see `tests/autograder`."""

BLANKS = {
    "modules.py": {
        "LinearModule.__init__": "1.2a",
        "LinearModule.forward": "1.2a",
        "LinearModule.backward": "1.2a",
        "LeakyReLUModule.__init__": "1.2b",
        "LeakyReLUModule.forward": "1.2b",
        "LeakyReLUModule.backward": "1.2b",
        "SoftMaxModule.forward": "1.2c",
        "SoftMaxModule.backward": "1.2c",
        "CrossEntropyModule.forward": "1.2d",
        "CrossEntropyModule.backward": "1.2d",
    },
    "mlp_numpy.py": dict.fromkeys(("MLP.__init__", "MLP.forward", "MLP.backward"), "1.2e"),
}
"""The functions of `solution/` that a student writes, each with the question that grades it."""

ALSO = {"train_mlp_numpy.py": ("accuracy", "train")}
"""Functions that a student writes, too, and that are not graded here but by the report."""

COMMANDS = ((".venv/bin/python train_mlp_numpy.py", "trains on CIFAR-10 with your modules"),)
"""Commands of the handout besides those of the tools."""

LIBRARY = ("datasets/cifar10.py", "datasets/cifar10_folders.py", "system/resuming.py")
"""What the given files need of the library besides `files.LIBRARY`."""

CASES = {
    "linear": "ordinary",
    "linear_more": "ordinary",
    "leaky": "slope 0",
    "leaky_more": "slope 0.02",
    "softmax": "ordinary",
    "softmax_more": "large",
    "cross_entropy": "ordinary",
    "cross_entropy_more": "improbable labels",
    "mlp": "one hidden layer",
}
"""The one case of each exercise whose right answers a handout has."""

PROPERTIES = {"cross_entropy_more": "cross_entropy"}
"""Whose cases are asked for properties: finite differences are too rough for the exercise's own."""

TOOLS = ("handout",)
"""The modules of this folder that a handout has."""

HANDIN = {
    "archive": "{name}_assignment1.zip",
    "name": "lastname",
    "folder": "assignment_1/code",
    "also": (
        *("train_mlp_numpy.py", "mlp_pytorch.py", "train_mlp_pytorch.py", "custom_batchnorm.py"),
        *("convnet_pytorch.py", "train_convnet_pytorch.py"),
    ),
    "report": "*.pdf",
}
"""How a hand-in is called and laid out, and what it has besides what is graded here."""
