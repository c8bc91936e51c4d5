"""001 §3.7: a step of gradient descent."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed, printed

MAKE_MLP = """
    layers = [ReLU(), ReLU(), Identity()]
    start = in_turn(W1, W2, W3), in_turn(B1, B2, B3)
    mlp = MLP(2, 2, [3, 3], layers, *start, SoftmaxCrossEntropy(), 0.1)
"""
DESCENT = (
    Step(
        "W1",
        "weights(mlp, 0)",
        "W1 - 0.1 * gradW1",
        first="mlp.zero_grads(); mlp.forward(X); mlp.backward(D); mlp.step()",
    ),
    Step("B1", "biases(mlp, 0)", "B1 - 0.1 * gradB1"),
    Step("W2", "weights(mlp, 1)", "W2 - 0.1 * gradW2"),
    Step("B2", "biases(mlp, 1)", "B2 - 0.1 * gradB2"),
    Step("W3", "weights(mlp, 2)", "W3 - 0.1 * gradW3"),
    Step("B3", "biases(mlp, 2)", "B3 - 0.1 * gradB3"),
)


SECTIONS: tuple[Section, ...] = (
    Section(
        "3.7",
        "A step of gradient descent, one input",
        (
            *printed(
                DESCENT,
                {
                    "W1": "[[5308.4, -1334.8, 1620], [3983.3, -998.6, 1221.5]]",
                    "B1": "[[1326.1, -334.2, 405.5]]",
                    "W2": "[[3768.5, 2215.3, 3760.1], [2432, 1423, 2419], [848.5 503.1 850.7]]",
                    "B2": "[[121.5, 71.3, 121.1]]",
                    "W3": "[[2108.2, 40.2], [2942.7, 48.2], [3518.3, -54.8]]",
                    "B3": "[[23.9, 0.4]]",
                },
                errata={"W3": "-54.8 follows from the 588 of 3.5 that should be -588"},
            ),
            claimed(
                "B1 of 2.2.1",
                "array([[1, 2, 3]]) - 0.1 * gradB1",
                "biases(mlp, 0)",
                "B1_before - 0.1 * gradB1",
                "2.2.1 is a single layer with other biases; the network is that of 2.1.3",
                says="the parameters of 2.2.1",
                means="the parameters of 2.1.3",
            ),
        ),
        given={"B1_before": "[[0, 0, 0]]"},
        made=MAKE_MLP,
        after="3.5",
        key="3.7 one input",
        network=(2, 3, 3, 2),
    ),
    Section(
        "3.7",
        "A step of gradient descent, a batch of inputs",
        printed(
            DESCENT,
            {
                "W1": "[[5612.47, -1408.57, 1709.23], [5887.7, -1475.53, 1799.9]]",
                "B1": "[[1615.57, -409, 496.43]]",
                "W2": "[[4759.83, 2784.5, 4745.03], [3190.67, 1859.8, 3173.07], "
                "[1667.83, 979.5, 1666.23]]",
                "B2": "[[106.17, 62.23, 95]]",
                "W3": "[[2466.07, 54.6], [4100.9, 81.6], [4708.3, 98.8]]",
                "B3": "[[20.87, 0.37]]",
            },
            errata={
                "B1": "follows from the gradB1 of 3.6 with its second row twice",
                "B2": "95 follows from the gradB2 of 3.6 that took -36 for -360",
            },
        ),
        made=MAKE_MLP,
        after="3.6",
        key="3.7 batch",
        network=(2, 3, 3, 2),
    ),
)
