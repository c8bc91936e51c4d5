"""001 §2.1 and §2.2: forward through a linear layer, the activations and an MLP."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed, printed

ONE_ROW = "[[4, 3]]"
THREE_ROWS = "[[4, 3], [5, 6], [7, 8]]"

# --- §2.1.1, §2.2.1: a linear layer -------------------------------------------------------------

ONE_LAYER = {"W": "[[4, 2, -2], [5, 4, 5]]", "B": "[[1, 2, 3]]"}
MAKE_LAYER = "linear = Linear(2, 3, in_turn(W), in_turn(B))"
LINEAR = (
    Step("X", "X", "X", first="linear.forward(X)"),
    Step("W", "linear.W", "W"),
    Step("B", "linear.b", "B"),
    Step("Y1lin", "linear.forward(X)", "X @ W + B"),
)
SIZE = Step(
    "dimension of Y1lin",
    "linear.forward(X).shape[1]",
    "W.shape[1]",
    page="4",
    erratum="the text says a 4-dimensional output; W has 3 columns, so Y1lin has 3",
)

# --- §2.1.2, §2.2.2: the activations ------------------------------------------------------------

MAKE_ACTIVATIONS = """
    sigmoid = Sigmoid()
    relu = ReLU()
    tanh = Tanh()
    softmax = Softmax()
"""
SIGMOID = Step("Y1", "sigmoid.forward(Y1lin)", "1 / (1 + exp(-Y1lin))")
RELU = Step("Y1", "relu.forward(Y1lin)", "maximum(0, Y1lin)")
TANH = Step("Y1", "tanh.forward(Y1lin)", "tanh(Y1lin)")
SOFTMAX = Step("Y1", "softmax.forward(Y1lin)", "softmax(Y1lin)")


def activations(saturated: str, linear: str, probabilities: str) -> tuple[Step, ...]:
    """The four activations of `Y1lin` with what the page prints for each."""
    pages = (saturated, linear, saturated, probabilities)
    steps = zip((SIGMOID, RELU, TANH, SOFTMAX), pages, strict=True)
    return tuple(step._replace(page=page) for step, page in steps)


# --- §2.1.3, §2.2.3: a complete MLP -------------------------------------------------------------

NETWORK = {
    "W1": "[[4, 2, -2], [5, 4, 5]]",
    "B1": "[[0, 0, 0]]",
    "W2": "[[2, 5, 6], [2, -3, -3], [-2, 4, 3]]",
    "B2": "[[0, 0, 0]]",
    "W3": "[[5, 5], [3, -1], [5, 4]]",
    "B3": "[[0, 0]]",
}
MAKE_LAYERS = """
    linear1 = Linear(2, 3, in_turn(W1), in_turn(B1))
    linear2 = Linear(3, 3, in_turn(W2), in_turn(B2))
    linear3 = Linear(3, 2, in_turn(W3), in_turn(B3))
    relu1 = ReLU()
    relu2 = ReLU()
    softmax = Softmax()
"""
PARAMETERS = (
    Step("X", "X", "X", first="linear1.forward(X)"),
    Step("W1", "linear1.W", "W1"),
    Step("B1", "linear1.b", "B1"),
    Step("W2", "linear2.W", "W2"),
    Step("B2", "linear2.b", "B2"),
    Step("W3", "linear3.W", "W3"),
    Step("B3", "linear3.b", "B3"),
)
FORWARD = (
    Step("Y1lin", "linear1.forward(X)", "X @ W1 + B1"),
    Step("Y1", "relu1.forward(Y1lin)", "maximum(0, Y1lin)"),
    Step("Y2lin", "linear2.forward(Y1)", "Y1 @ W2 + B2"),
    Step("Y2", "relu2.forward(Y2lin)", "maximum(0, Y2lin)"),
    Step("Y3lin", "linear3.forward(Y2)", "Y2 @ W3 + B3"),
    Step("Y3", "softmax.forward(Y3lin)", "softmax(Y3lin)"),
)
NO_SOFTMAX = "the page repeats the logits Y3lin; the softmax of them was left out"

SECTIONS = (
    Section(
        "2.1.1",
        "A linear layer, one input",
        (
            *printed(
                LINEAR,
                {
                    "X": ONE_ROW,
                    "W": "[[4, 2, -2], [5, 4, 5]]",
                    "B": "[1, 2, 3]",
                    "Y1lin": "[32, 22, 10]",
                },
            ),
            SIZE,
        ),
        given={"X": ONE_ROW, **ONE_LAYER},
        made=MAKE_LAYER,
    ),
    Section(
        "2.1.2",
        "The activations, one input",
        (
            *activations(
                "[[1.0, 1.0, 1.0]]", "[[32, 22, 10]]", "[[9.9995e-01, 4.5398e-05, 2.7893e-10]]"
            ),
            claimed("S(z)", "1 / (1 + exp(-z))", "sigmoid.forward(z)")._replace(var="S"),
            claimed("S'(z)", "S * (1 - S)", "sigmoid.derivative()"),
            claimed("tanh(z)", "(exp(z) - exp(-z)) / (exp(z) + exp(-z))", "tanh.forward(z)"),
            claimed("tanh'(z)", "1 - tanh(z) ** 2", "tanh.derivative()"),
            claimed("R(z)", "where(z > 0, z, 0)", "relu.forward(z)"),
            claimed("R'(z)", "where(z > 0, 1, 0)", "relu.derivative()"),
        ),
        given={"z": "[[-2, -0.5, 0, 0.5, 2]]"},
        made=MAKE_ACTIVATIONS,
        after="2.1.1",
    ),
    Section(
        "2.1.3",
        "A complete MLP, one input",
        (
            *printed(
                (*PARAMETERS, *FORWARD),
                {
                    "X": ONE_ROW,
                    **NETWORK,
                    "Y1lin": "[[31, 20, 7]]",
                    "Y1": "[[31, 20, 7]]",
                    "Y2lin": "[[88, 123, 147]]",
                    "Y2": "[[88, 123, 147]]",
                    "Y3lin": "[[1544, 905]]",
                    "Y3": "[[1544, 905]]",
                },
                errata={"Y3": NO_SOFTMAX},
            ),
            claimed(
                "Yout",
                "softmax(Y2lin)",
                "softmax.forward(Y3lin)",
                "softmax(Y3lin)",
                "the last line takes Ylin, a hidden layer's, for YlinFinal; and LinerLayers above "
                "it is LinearLayers",
                says="softmax.forward(Ylin)",
                means="softmax.forward(YlinFinal)",
            ),
        ),
        given={"X": ONE_ROW, **NETWORK},
        made=MAKE_LAYERS,
        network=(2, 3, 3, 2),
    ),
    Section(
        "2.2.1",
        "A linear layer, a batch of inputs",
        printed(
            LINEAR,
            {
                "X": "[[4, 3], [5, 6], [7, 8]]",
                "W": "[[4, 2, -2], [5, 4, 5]]",
                "B": "[1, 2, 3]",
                "Y1lin": "[[32, 22, 10], [51, 36, 23], [69, 48, 29]]",
            },
        ),
        given={"X": THREE_ROWS, **ONE_LAYER},
        made=MAKE_LAYER,
    ),
    Section(
        "2.2.2",
        "The activations, a batch of inputs",
        (
            *activations(
                "[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]",
                "[[32, 22, 10], [51, 36, 23], [69, 48, 29]]",
                "[[9.9995e-01, 4.5398e-05, 2.7893e-10], [1.0000e+00, 3.0590e-07, 6.9144e-13], "
                "[1.0000e+00, 7.5826e-10, 4.2484e-18]]",
            ),
            claimed(
                "Y1 of the softmax",
                "tanh(Y1lin)",
                "softmax.forward(Y1lin)",
                "softmax(Y1lin)",
                "the text applies a sigmoid, then the Tanh; only the softmax gives its numbers",
                says="Apply the Tanh activation",
                means="apply the softmax activation",
            ),
        ),
        made=MAKE_ACTIVATIONS,
        after="2.2.1",
    ),
    Section(
        "2.2.3",
        "A complete MLP, a batch of inputs",
        printed(
            (*PARAMETERS, *FORWARD),
            {
                "X": THREE_ROWS,
                **NETWORK,
                "Y1lin": "[[31, 20, 7], [50, 34, 20], [68, 46, 26]]",
                "Y1": "[[31, 20, 7], [50, 34, 20], [68, 46, 26]]",
                "Y2lin": "[[88, 123, 147], [128, 228, 258], [176, 306, 348]]",
                "Y2": "[[88, 123, 147], [128, 228, 258], [176, 306, 348]]",
                "Y3lin": "[[1544, 905], [2614, 1444], [3538, 1966]]",
                "Y3": "[[1544, 905], [2614, 1444], [3538, 1966]]",
            },
            errata={"Y3": NO_SOFTMAX},
        ),
        given={"X": THREE_ROWS, **NETWORK},
        made=MAKE_LAYERS,
        network=(2, 3, 3, 2),
    ),
)
