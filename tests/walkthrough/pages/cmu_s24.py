"""Worked numbers of spring 2024: the mean is in the loss, an activation gives dLdZ."""

from __future__ import annotations

from tests.walkthrough.pages import cmu
from tests.walkthrough.steps import Section, Step

COURSE = "cmu_s24"
BACK = (
    Step("dLdZ of the sigmoid", "sigmoid.backward(dLdA)", "dLdA * exp(-Z) / (1 + exp(-Z)) ** 2",
         "[[0.0177, -0.0452], [0.2100, -0.3932], [0.75, -0.5898], [0.4200, -0.1807]]"),
    Step("dLdZ of tanh", "tanh.backward(dLdA)", "dLdA * (1 - tanh(Z) ** 2)",
         "[[0.0013, -0.0099], [0.1413, -0.8399], [3, -1.2599], [0.2826, -0.0395]]"),
    Step("dLdZ of ReLU", "relu.backward(dLdA)", "dLdA * where(Z > 0, 1, 0)",
         "[[0, 0], [0, 0], [0, -3], [4, -4]]", remark="the derivative at 0 is 0"),
)  # fmt: skip
GELU = (
    Step("A of GELU", "gelu.forward(z)", "z / 2 * (1 + erf(z / sqrt(2)))",
         "[[-0.0455, -0.1543, 0, 0.3457, 1.9545]]"),
    Step("its derivative", "gelu.backward(ones)",
         "slope(lambda z: z / 2 * (1 + erf(z / 2**0.5)), z)",
         "[[-0.0852, 0.1325, 0.5, 0.8675, 1.0852]]", noise=1e-8,
         remark="backward with ones; by finite differences"),
)  # fmt: skip
SOFTMAX = (
    Step("A of the softmax", "softmax.forward(s)", "exp(s) / sum(exp(s), 1)[:, None]",
         "[[0.0900, 0.2447, 0.6652], [0.3333, 0.3333, 0.3333]]", var="p"),
    Step("dLdZ of the softmax", "softmax.backward(g)",
         "array([row @ (diag(a) - outer(a, a)) for a, row in zip(p, g)])",
         "[[0.0819, -0.0220, -0.0599], [-0.3333, 0, 0.3333]]", noise=1e-12,
         remark="by the Jacobian of each row"),
)  # fmt: skip
NETWORK = (
    *cmu.NETWORK_FORWARD,
    Step("dLdZ0", "network.dLdZ0", "dLdZ * where(Z0 > 0, 1, 0)",
         "[[-4, 0, 0], [-1, 0, 0], [0, 3, 4], [0, 6, 7]]", first="network.backward(dLdZ)"),
    cmu.DLDA0,
    Step("dLdW", "network.layers[0].dLdW", "dLdZ0.T @ A", "[[18, 13], [12, 21], [14, 25]]"),
    Step("dLdb", "network.layers[0].dLdb", "sum(dLdZ0, 0)[:, None]", "[[-5], [9], [11]]"),
)  # fmt: skip
GRADIENT = "[[0.0672, -0.0672], [-0.1828, 0.1828], [-0.1828, 0.1828], [0.0672, -0.0672]]"
CHAIN = (
    "[[-0.2164, 0.0501, 0.1663], [0.0480, 0.0716, -0.1196], "
    "[0.0628, -0.1564, 0.0936], [-0.1745, 0.1127, 0.0618]]"
)

SECTIONS = (
    Section(
        "1",
        "Linear layer",
        (
            cmu.Z,
            cmu.DLDA,
            Step("dLdW", "linear.dLdW", "sum(dLdZ[:, :, None] * A[:, None], 0)",
                 "[[28, 30], [24, 30], [20, 30]]", remark="a sum over the batch"),
            Step("dLdb", "linear.dLdb", "sum(dLdZ, 0)[:, None]", "[[2], [6], [10]]",
                 remark="a sum over the batch"),
        ),
        given=cmu.LINEAR,
        made=cmu.MAKE_LINEAR,
        course=COURSE,
    ),
    Section(
        "2",
        "Activations",
        (*cmu.FORWARD, *BACK),
        given={"Z": cmu.A, "dLdA": "[[1, -1], [2, -2], [3, -3], [4, -4]]"},
        made=cmu.MAKE_ACTIVATIONS,
        course=COURSE,
    ),
    Section(
        "2",
        "GELU and softmax",
        (*GELU, *SOFTMAX),
        given={"z": "[[-2, -0.5, 0, 0.5, 2]]", "ones": "[[1, 1, 1, 1, 1]]",
               "s": "[[1, 2, 3], [0, 0, 0]]", "g": "[[1, 0, 0], [1, 2, 3]]"},
        made="gelu = GELU()\nsoftmax = Softmax()",
        key=f"{COURSE} 2 GELU",
        course=COURSE,
    ),
    Section(
        "3", "MLP0", NETWORK, given=cmu.LINEAR, made=cmu.MAKE_NETWORK, course=COURSE
    ),
    Section(
        "6",
        "Losses",
        (
            Step("L of squared error", "mse.forward(A, Y)", "sum((A - Y) ** 2) / 8", "6.5"),
            Step("its gradient", "mse.backward()",
                 "slope(lambda A: sum((A - Y) ** 2) / 8, A)",
                 "[[-1, -1], [-0.75, -0.25], [-0.25, 0.25], [0.5, 0.5]]", noise=1e-8),
            cmu.CROSS_ENTROPY,
            cmu.PROBABILITIES,
            Step("its gradient for the logits", "entropy.backward()",
                 "slope(lambda A: -sum(Y * log_softmax(A)) / 4, A)", GRADIENT, noise=1e-8,
                 remark="by finite differences of the mean"),
        ),
        given={"A": cmu.A, "Y": cmu.Y},
        made="mse = MSELoss()\nentropy = CrossEntropyLoss()",
        course=COURSE,
    ),
    *cmu.sgd(COURSE),
    *cmu.batchnorm(COURSE),
    cmu.chain(COURSE, CHAIN, "(softmax(Z) - Y) / 4"),
)  # fmt: skip
