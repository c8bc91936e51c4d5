"""Worked numbers of spring 2023: the mean is in the linear layer, an activation gives A'."""

from __future__ import annotations

from tests.walkthrough.pages import cmu
from tests.walkthrough.steps import Section, Step

COURSE = "cmu_s23"
SLOPES = (
    Step("dA/dZ of the sigmoid", "sigmoid.backward()", "exp(-Z) / (1 + exp(-Z)) ** 2",
         "[[0.0177, 0.0452], [0.1050, 0.1966], [0.25, 0.1966], [0.1050, 0.0452]]"),
    Step("dA/dZ of tanh", "tanh.backward()", "1 - tanh(Z) ** 2",
         "[[0.0013, 0.0099], [0.0707, 0.4200], [1, 0.4200], [0.0707, 0.0099]]"),
    Step("dA/dZ of ReLU", "relu.backward()", "where(Z > 0, 1, 0)",
         "[[0, 0], [0, 0], [0, 1], [1, 1]]",
         remark="0 at 0"),
)  # fmt: skip
NETWORK = (
    *cmu.NETWORK_FORWARD,
    Step("dA1dZ0", "network.dA1dZ0", "where(Z0 > 0, 1, 0)",
         "[[1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 1]]", first="network.backward(dLdZ)"),
    Step("dLdZ0", "network.dLdZ0", "dLdZ * dA1dZ0",
         "[[-4, 0, 0], [-1, 0, 0], [0, 3, 4], [0, 6, 7]]"),
    cmu.DLDA0,
    Step("dLdW", "network.layers[0].dLdW", "dLdZ0.T @ A / 4",
         "[[4.5, 3.25], [3, 5.25], [3.5, 6.25]]"),
    Step("dLdb", "network.layers[0].dLdb", "sum(dLdZ0, 0)[:, None] / 4",
         "[[-1.25], [2.25], [2.75]]"),
)  # fmt: skip
GRADIENT = "[[0.2689, -0.2689], [-0.7311, 0.7311], [-0.7311, 0.7311], [0.2689, -0.2689]]"
CHAIN = (
    "[[-0.8657, 0.2004, 0.6653], [0.1919, 0.2863, -0.4783], "
    "[0.2510, -0.6255, 0.3745], [-0.6979, 0.4506, 0.2473]]"
)

SECTIONS = (
    Section(
        "1",
        "Linear layer",
        (
            cmu.Z,
            cmu.DLDA._replace(remark="the gradient for the input is not divided by N"),
            Step("dLdW", "linear.dLdW", "sum(dLdZ[:, :, None] * A[:, None], 0) / 4",
                 "[[7, 7.5], [6, 7.5], [5, 7.5]]"),
            Step("dLdb", "linear.dLdb", "sum(dLdZ, 0)[:, None] / 4", "[[0.5], [1.5], [2.5]]"),
            Step("dZdA", "linear.dZdA", "W.T", "[[-2, 0, 2], [-1, 1, 3]]"),
            Step("dZdW", "linear.dZdW", "A", cmu.A),
            Step("dZdb", "linear.dZdb", "ones((4, 1))", "[[1], [1], [1], [1]]"),
        ),
        given=cmu.LINEAR,
        made=cmu.MAKE_LINEAR,
        course=COURSE,
    ),
    Section(
        "2",
        "Activations",
        (*cmu.FORWARD, *SLOPES),
        given={"Z": cmu.A},
        made=cmu.MAKE_ACTIVATIONS,
        course=COURSE,
    ),
    Section(
        "3", "MLP0", NETWORK, given=cmu.LINEAR, made=cmu.MAKE_NETWORK, course=COURSE
    ),
    Section(
        "6",
        "Losses",
        (
            Step("L of squared error", "mse.forward(A, Y)", "sum((A - Y) ** 2) / 16", "3.25"),
            Step("its gradient", "mse.backward()",
                 "slope(lambda A: sum((A - Y) ** 2) / 16, A)",
                 "[[-0.5, -0.5], [-0.375, -0.125], [-0.125, 0.125], [0.25, 0.25]]", noise=1e-8),
            cmu.CROSS_ENTROPY,
            cmu.PROBABILITIES,
            Step("its gradient for the logits", "entropy.backward()", "P - Y", GRADIENT,
                 remark="of each row's own loss: not divided by N"),
        ),
        given={"A": cmu.A, "Y": cmu.Y},
        made="mse = MSELoss()\nentropy = CrossEntropyLoss()",
        course=COURSE,
    ),
    *cmu.sgd(COURSE),
    *cmu.batchnorm(COURSE),
    cmu.chain(COURSE, CHAIN, "softmax(Z) - Y"),
)  # fmt: skip
