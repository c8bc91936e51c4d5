"""001 §3.5 and §3.6: backward through the complete MLP."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed, printed

# The page's code: a layer's parameters have their gradients once its backward has run.
LAYER3 = "linear3.backward(gradY3lin)"
LAYER2 = "linear2.backward(gradY2lin)"
LAYER1 = "linear1.backward(gradY1lin)"
BACKWARD = (
    Step("gradY3lin", "criterion.derivative()", "Y3 - D", first="criterion.forward(Y3, D)"),
    Step("gradB3", "linear3.db", "gradY3lin.mean(0, keepdims=True)", first=LAYER3),
    Step("gradW3", "linear3.dW", "Y2.T @ gradY3lin / len(Y2)"),
    Step("gradY2", LAYER3, "gradY3lin @ W3.T"),
    Step("gradY2in", "relu2.derivative() * gradY2", "where(Y2lin > 0, 1, 0) * gradY2"),
    Step("gradB2", "linear2.db", "gradY2lin.mean(0, keepdims=True)", first=LAYER2),
    Step("gradW2", "linear2.dW", "Y1.T @ gradY2lin / len(Y1)"),
    Step("gradY1", LAYER2, "gradY2lin @ W2.T"),
    Step("gradY1in", "relu1.derivative() * gradY1", "where(Y1lin > 0, 1, 0) * gradY1"),
    Step("gradB1", "linear1.db", "gradY1lin.mean(0, keepdims=True)", first=LAYER1),
    Step("gradW1", "linear1.dW", "X.T @ gradY1lin / len(X)"),
    Step("gradX", LAYER1, "gradY1lin @ W1.T"),
)
BACKWARD = tuple(
    step._replace(var={"gradY2in": "gradY2lin", "gradY1in": "gradY1lin"}.get(step.name, ""))
    for step in BACKWARD
)
MAKE_CRITERION = "criterion = CrossEntropy()"


def misnamed(layer: int, word: str) -> Step:
    """The page calls every layer's gradients those of the third."""
    return claimed(
        f"layer of gradW{layer}",
        "array(W3.shape)",
        f"np.array(linear{layer}.dW.shape)",
        f"array(W{layer}.shape)",
        f"gradY{layer}in, gradB{layer} and gradW{layer} are those of the {word} layer",
        says="the gradient of the third layer",
        means=f"the gradient of the {word} layer",
    )


CODE = (
    claimed(
        "gradY2lin",
        "relu3.derivative() * gradY2",
        "relu2.derivative() * gradY2",
        "where(Y2lin > 0, 1, 0) * gradY2",
        "2.1.3 has relu1 and relu2 only: relu3 and relu2 of the code are relu2 and relu1",
        says="relu3.derivative() * gradY2",
        means="relu2.derivative() * gradY2",
    ),
    claimed(
        "gradYlin of the loop",
        "where(Y2lin > 0, 1, 0) * gradY",
        "relu2.derivative() * gradY2",
        "where(Y2lin > 0, 1, 0) * gradY2",
        "the loop starts from gradY, which no line has set; the line before calls it gradY2",
        says="derivative() * gradY",
        means="derivative() * gradY2",
    ),
    claimed(
        "gradX of the loop",
        "(where(Y1lin > 0, 1, 0) * gradY2) @ W1.T",
        LAYER1,
        "gradY1lin @ W1.T",
        "from num_hidden_layers - 1 down the loop leaves out the last hidden layer",
        says="for layer = num_hidden_layers-1 downto 1",
        means="for layer = num_hidden_layers downto 1",
    ),
    claimed(
        "gradient of the loss",
        "Y3 - D",
        "gradient('-D * (Z - (Z - c).exp().sum().log() - c)', Z=Y3lin, D=D, c=Y3lin.max())",
        "sum(D) * Y3 - D",
        "the D of 3.2.2, [240, 4], is no label: Y - D is the gradient only where D sums to 1",
    ),
)
FORMULAS = (
    claimed("∇W L", "Z.T @ gradY / 3", "linear.dW")._replace(
        first="linear.forward(Z); linear.backward(gradY)"
    ),
    claimed("∇B L", "ones((1, 3)) @ gradY / 3", "linear.db"),
    claimed(
        "∇Z L",
        "gradY @ W.T",
        "gradient('(Z @ W + B) * G', Z=Z, W=W, B=B, G=gradY)",
        remark="this is what is not averaged; the text says it of ∇Z Y",
    ),
    claimed("∇Z Y", "W.T", "jacobian('Z @ W + B', Z=Z[:1], W=W, B=B)"),
    claimed("∇Y L", "Z - D", "gradient('(Z - D) ** 2 / 2', Z=Z, D=D)", remark="of the L2 loss"),
)
FIXED_BY_GRAD_Y2 = Step(
    "D",
    "Y3 - criterion.derivative()",
    "Y3 - solve(W3[:2], printed[:, :2].T).T",
    "[240, 4]",
    first="criterion.forward(Y3, D)",
    erratum="the other two rows are left out; the page's own gradY2, gradB3 and gradW3 fix them",
)
LOST_ROW = "the second row stands again where the third belongs"
LOST_ZERO = "-36 should be -360: a zero was lost"

SECTIONS: tuple[Section, ...] = (
    Section(
        "3.5",
        "Backward through the complete MLP, one input",
        (
            *printed(
                BACKWARD,
                {
                    "gradY3lin": "[[-239, -4]]",
                    "gradB3": "[[-239, -4]]",
                    "gradW3": "[[-21032, -352], [-29397, -492], [-35133, 588]]",
                    "gradY2": "[[-1215, -713, -1211]]",
                    "gradY2in": "[[-1215, -713, -1211]]",
                    "gradB2": "[[-1215, -713, -1211]]",
                    "gradW2": "[[-37665, -22103, -37541], [-24300, -14260, -24220], "
                    "[-8505, -4991, -8477]]",
                    "gradY1": "[[-13261, 3342, -4055]]",
                    "gradY1in": "[[-13261, 3342, -4055]]",
                    "gradB1": "[[-13261, 3342, -4055]]",
                    "gradW1": "[[-53044, 13368, -16220], [-39783, 10026, -12165]]",
                    "gradX": "[[-38250, -73212]]",
                },
                errata={"gradW3": "147 * -4 is -588: the minus was lost"},
                remarks={
                    "gradY2in": "gradY2lin in the page's code",
                    "gradY1in": "gradY1lin in the page's code",
                },
            ),
            misnamed(2, "second"),
            misnamed(1, "first"),
            *CODE,
        ),
        given={"D": "[[240, 4]]"},
        made=MAKE_CRITERION,
        after="2.1.3",
        network=(2, 3, 3, 2),
    ),
    Section(
        "3.6",
        "The averaged gradients as formulas",
        FORMULAS,
        given={
            "Z": "[[1, 2], [3, -1], [0, 2]]",
            "W": "[[4, 2, -2], [5, 4, 5]]",
            "B": "[[1, 1, 1]]",
            "gradY": "[[1, -1, 1], [2, 0, -3], [0.5, 4, 1]]",
            "D": "[[0, 1], [2, 2], [1, -1]]",
        },
        made="linear = Linear(2, 3, in_turn(W), in_turn(B))",
        key="3.6 formulas",
    ),
    Section(
        "3.6",
        "Backward through the complete MLP, a batch of inputs",
        (
            FIXED_BY_GRAD_Y2,
            *printed(
                BACKWARD,
                {
                    "gradY3lin": "[[-239, -4], [-319, -1], [-68, -4]]",
                    "gradB3": "[[-208.7, -3.7]]",
                    "gradW3": "[[-24610.7, -496], [-40979, -826], [-47033, -948]]",
                    "gradY2": "[[-1215, -713, -1211], [-1605, -955, -1603], [-365, -199, -36]]",
                    "gradY2in": "[[-1215, -713, -1211], [-1605, -955, -1603], [-365, -199, -36]]",
                    "gradB2": "[[-1061.7, -622.3, -950]]",
                    "gradW2": "[[-47578.3, -27795, -47390.3], [-31886.7, -18628, -31760.7], "
                    "[-16698.3, -9755, -16632.3]]",
                    "gradY1": "[[-13261, 3342, -4055], [-17603, 4464, -5419], "
                    "[-17603, 4464, -5419]]",
                    "gradY1in": "[[-13261, 3342, -4055], [-17603, 4464, -5419], "
                    "[-17603, 4464, -5419]]",
                    "gradB1": "[[-16155.7, 4090, -4964.3]]",
                    "gradW1": "[[-56084.7, 14105.7, -17112.3], [-58827, 14795.3, -17949]]",
                    "gradX": "[[-38250, -73212], [-50646, -97254], [-11354, -21367]]",
                },
                errata={
                    "gradY3lin": "-1 and -4 should be -2 and -5: D is 2 and 5 there, says gradY2",
                    "gradY2": LOST_ZERO,
                    "gradY2in": LOST_ZERO,
                    "gradB2": "the average took the -36 of gradY2 that should be -360",
                    "gradY1": LOST_ROW,
                    "gradY1in": LOST_ROW,
                    "gradB1": "the average took the second row of gradY1in twice; gradW1 did not",
                },
            ),
            misnamed(2, "second"),
            misnamed(1, "first"),
        ),
        given={
            "D": "[[240, 4], [320, 2], [69, 5]]",
            "printed": "[[-1215, -713, -1211], [-1605, -955, -1603], [-365, -199, -36]]",
        },
        made=MAKE_CRITERION,
        after="2.2.3",
        network=(2, 3, 3, 2),
    ),
)
