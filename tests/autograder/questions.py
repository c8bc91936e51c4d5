"""The questions of both homeworks and their points."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A part of a question; its outputs are named `part/quantity`."""

    name: str
    points: float


class Question(NamedTuple):
    """One question.

    Attributes
    ----------
    id, title : the seed's number, and what it is about.
    parts : forward, backward, step ...; a part's points are shared out over the cases.
    probe : which program of `probes.py` or `probes_autograd.py` asks it.
    needs : the classes that it is about; without all of them the question cannot be asked.
    """

    id: str
    title: str
    parts: tuple[Part, ...]
    probe: str
    needs: tuple[str, ...]

    @property
    def points(self) -> float:
        """The points of all parts."""
        return sum(part.points for part in self.parts)


def parts(**points: float) -> tuple[Part, ...]:
    """The parts of a question in order."""
    return tuple(Part(name, value) for name, value in points.items())


# The points are those of 000. It says that 90 of 100 points are graded automatically, but its
# questions 2.1 to 3.6 add up to 91, and with 3.7 to 101. `Linear` on its own belongs to the 2020
# layout; no seed gives it points, so it has 5 here, and is not asked of a 2019 submission.
CLASSIC = (
    Question(
        "2.1",
        "Softmax cross-entropy",
        parts(forward=3, backward=2),
        "softmax_cross_entropy",
        ("SoftmaxCrossEntropy",),
    ),
    Question("linear", "Linear layer", parts(forward=1, backward=4), "linear", ("Linear",)),
    Question(
        "3.2", "Linear classifier", parts(forward=3, backward=3, step=3), "classifier", ("MLP",)
    ),
    Question("3.3a", "Sigmoid", parts(forward=2, backward=2), "sigmoid", ("Sigmoid",)),
    Question("3.3b", "Tanh", parts(forward=2, backward=2), "tanh", ("Tanh",)),
    Question("3.3c", "ReLU", parts(forward=2, backward=2), "relu", ("ReLU",)),
    Question("3.4", "Hidden layers", parts(forward=10, backward=20, step=10), "hidden", ("MLP",)),
    Question(
        "3.5a",
        "Batch norm layer",
        parts(forward=3, running=2, eval=2, backward=4),
        "batchnorm",
        ("BatchNorm",),
    ),
    Question(
        "3.5b",
        "Batch norm in the MLP",
        parts(forward=1, eval=1, backward=1, step=1),
        "mlp_batchnorm",
        ("MLP", "BatchNorm"),
    ),
    Question("3.6", "Momentum", parts(step=10), "momentum", ("MLP",)),
)

# 002 §1.1 to §2.6, in its order and with its points.
AUTOGRAD = (
    Question("1.1a", "Subtraction", parts(forward=2, backward=3), "subtraction", ("Tensor",)),
    Question("1.1b", "Multiplication", parts(forward=2, backward=3), "multiplication", ("Tensor",)),
    Question("1.1c", "Division", parts(forward=2, backward=3), "division", ("Tensor",)),
    Question("1.2", "Autograd", parts(backward=15, graph=10), "graph", ("Tensor",)),
    Question(
        "2.1",
        "Linear layer",
        parts(forward=4, backward=6),
        "module_linear",
        ("nn.Linear", "Tensor"),
    ),
    Question("2.2", "ReLU", parts(forward=2, backward=3), "module_relu", ("nn.ReLU", "Tensor")),
    Question("2.3", "SGD", parts(step=10), "sgd", ("SGD", "Tensor")),
    Question(
        "2.4",
        "Batch norm",
        parts(forward=3, running=2, eval=2, backward=3),
        "module_batchnorm",
        ("nn.BatchNorm1d", "Tensor"),
    ),
    Question(
        "2.5",
        "Cross-entropy",
        parts(forward=7, backward=8),
        "cross_entropy",
        ("nn.CrossEntropyLoss", "Tensor"),
    ),
    Question("2.6", "Momentum", parts(step=10), "sgd_momentum", ("SGD", "Tensor")),
)

# 000 §3.7 and 002 §3, 10 points each: run and drawn here, graded by a person.
TRAINING = {
    "classic": Question(
        "3.7", "Training statistics", parts(run=0), "training", ("get_training_stats", "MLP")
    ),
    "autograd": Question("3", "MNIST", parts(run=0), "mnist", ("mnist", "Tensor")),
}

HOMEWORKS = {"classic": CLASSIC, "autograd": AUTOGRAD}
