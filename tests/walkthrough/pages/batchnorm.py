"""001 §4: batch norm forward in training, backward, and forward in evaluation."""

from __future__ import annotations

from tests.walkthrough.pages.backward import LAYER1, LAYER2, LAYER3
from tests.walkthrough.pages.forward import MAKE_LAYERS, NETWORK, PARAMETERS, THREE_ROWS
from tests.walkthrough.steps import Section, Step, claimed, printed


def normalized(layer: int) -> tuple[Step, ...]:
    """The values of one batch-norm layer in training, in the page's order."""
    x, bn = f"Y{layer}lin", f"bn{layer}"
    mean, var, norm = f"mean{layer}", f"var{layer}", f"norm{layer}"
    return (
        Step(mean, f"{bn}.mean", f"{x}.mean(0, keepdims=True)", first=f"{bn}.forward({x})"),
        Step(var, f"{bn}.var", f"{x}.var(0, keepdims=True)"),
        Step(norm, f"{bn}.norm", f"({x} - {mean}) / sqrt({var} + eps)"),
        Step(f"Y{layer}bn", f"{bn}.out", f"gamma{layer} * {norm} + beta{layer}"),
        Step(f"running_{mean}", f"{bn}.running_mean", f"alpha * 0 + (1 - alpha) * {mean}"),
        Step(f"running_{var}", f"{bn}.running_var", f"alpha * 1 + (1 - alpha) * {var}"),
    )


def with_batchnorm(*layers: tuple[Step, ...]) -> tuple[Step, ...]:
    """The forward pass with what the two batch-norm layers do in it."""
    return (
        Step("Y1lin", "linear1.forward(X)", "X @ W1 + B1"),
        *layers[0],
        Step("Y1", "relu1.forward(Y1bn)", "maximum(0, Y1bn)"),
        Step("Y2lin", "linear2.forward(Y1)", "Y1 @ W2 + B2"),
        *layers[1],
        Step("Y2", "relu2.forward(Y2bn)", "maximum(0, Y2bn)"),
        Step("Y3lin", "linear3.forward(Y2)", "Y2 @ W3 + B3"),
        Step("Y3/Softmax", "softmax.forward(Y3lin)", "softmax(Y3lin)", var="Y3"),
    )


TRAINING = with_batchnorm(normalized(1), normalized(2))


def input_gradient(layer: int) -> str:
    """The closed form of 004 for the gradient that batch norm passes on."""
    g, norm = f"gradY{layer}bn * gamma{layer}", f"norm{layer}"
    return f"({g} - ({g}).mean(0) - {norm} * ({g} * {norm}).mean(0)) / sqrt(var{layer} + eps)"


def backward_through(layer: int, linear: str, before: str) -> tuple[Step, ...]:
    """Backward through one hidden layer: linear above, ReLU, batch norm, its own linear."""
    n, bn = layer, f"bn{layer}"
    return (
        Step(
            f"gradY{n}bn", f"relu{n}.derivative() * gradY{n}", f"where(Y{n}bn > 0, 1, 0) * gradY{n}"
        ),
        Step(
            f"graddgamma{n}",
            f"{bn}.dgamma",
            f"sum(gradY{n}bn * norm{n}, 0, keepdims=True)",
            first=f"{bn}.backward(gradY{n}bn)",
        ),
        Step(f"graddbeta{n}", f"{bn}.dbeta", f"sum(gradY{n}bn, 0, keepdims=True)"),
        Step(f"gradY{n}lin", f"{bn}.backward(gradY{n}bn)", input_gradient(n)),
        Step(
            f"graddW{n}", f"linear{n}.dW", f"{before}.T @ gradY{n}lin / len({before})", first=linear
        ),
        Step(f"graddB{n}", f"linear{n}.db", f"gradY{n}lin.mean(0, keepdims=True)", noise=1e-12),
    )


BACKWARD = (
    Step("Cross-entropy Loss", "criterion.forward(Y3, D)", "-sum(D * log_softmax(Y3lin), 1)"),
    Step("gradY3lin", "criterion.derivative()", "Y3 - D"),
    Step("gradB3", "linear3.db", "gradY3lin.mean(0, keepdims=True)", first=LAYER3),
    Step("gradW3", "linear3.dW", "Y2.T @ gradY3lin / len(Y2)"),
    Step("gradY2", LAYER3, "gradY3lin @ W3.T"),
    *backward_through(2, LAYER2, "Y1"),
    Step("gradY1", LAYER2, "gradY2lin @ W2.T"),
    *backward_through(1, LAYER1, "X"),
)


def evaluated(layer: int) -> tuple[Step, ...]:
    """The values of one batch-norm layer in evaluation."""
    n, x = layer, f"Y{layer}lin"
    return (
        Step(
            f"norm{n}",
            f"(bn{n}.forward({x}, eval=True) - bn{n}.beta) / bn{n}.gamma",
            f"({x} - running_mean{n}) / sqrt(running_var{n} + eps)",
        ),
        Step(f"Y{n}bn", f"bn{n}.forward({x}, eval=True)", f"gamma{n} * norm{n} + beta{n}"),
    )


EVALUATION = with_batchnorm(evaluated(1), evaluated(2))

SETTINGS = (
    *(step._replace(name=step.name.lower(), var=step.name) for step in PARAMETERS),
    Step("alpha", "bn1.alpha", "alpha"),
    claimed("γ", "ones((1, 3))", "BatchNorm(3).gamma"),
    claimed("β", "zeros((1, 3))", "BatchNorm(3).beta"),
    claimed("running_mean", "zeros((1, 3))", "BatchNorm(3).running_mean"),
    claimed("running_var", "ones((1, 3))", "BatchNorm(3).running_var"),
)
UNITS = {
    "gamma1": "[[1, 1, 1]]",
    "beta1": "[[0, 0, 0]]",
    "gamma2": "[[1, 1, 1]]",
    "beta2": "[[0, 0, 0]]",
}
MAKE = f"""{MAKE_LAYERS}
    bn1 = BatchNorm(3)
    bn1.alpha, bn1.eps = float(alpha), float(eps)
    bn2 = BatchNorm(3)
    bn2.alpha, bn2.eps = float(alpha), float(eps)
"""
NOISE = "exactly 0, as batch norm takes any bias away; the page's digits are rounding noise"
ROUNDED = "computed from running_mean1 and running_var1 as 4.1 prints them, with 8 decimals"
UNROUNDED = "follows from Y1; from norm2 on the page has the values of unrounded statistics"
NORM1 = "[[-1.23562548, -1.25490605, -1.34504963], [0.02206474, 0.0627453, 0.29422961], "
NORM1 += "[1.21356074, 1.19216075, 1.05082002]]"
NORM2 = "[[-0.55054929, -0.88617988, -0.8380005 ], [-0.85250724, -0.51128911, -0.56748635], "
NORM2 += "[ 1.40305653, 1.39746899, 1.40548685]]"

BACKWARD_PAGE = {
    "Cross-entropy Loss": "[12.47664925, 12.47664925, 90.96139156]",
    "gradY3lin": "[[-4.5, -12.5], [-4.5, -12.5], [-4.00091492, -12.99908508]]",
    "gradB3": "[[-4.33363831, -12.66636169]]",
    "gradW3": "[[-1.87165613, -6.0810634 ], [-1.86382646, -6.05562458], "
    "[-1.87451132, -6.09034001]]",
    "gradY2": "[[-85, -1, -72.5], [-85, -1, -72.5], [-85, 0.99634034, -72.00091492]]",
    "graddgamma2": "[[-119.2907929, 1.39243562, -101.20175003]]",
    "graddbeta2": "[[-85, 0.99634034, -72.00091492]]",
    "gradY2bn": "[[0, 0, 0], [0, 0, 0], [-85, 0.99634034, -72.00091492]]",
    "gradY2lin": "[[4.64108825, 0.02702718, -1.39715456], "
    "[-4.01976864, -0.03233549, 1.5887192 ], [-0.62131961, 0.00530831, -0.19156464]]",
    "graddW2": "[[-0.28090203, 0.0019095, -0.06580703], "
    "[-0.33097962, 0.00143316, -0.04289725], [-0.61188154, -0.001312, 0.08871679]]",
    "graddB2": "[[-2.96059473e-15, 1.85037171e-17, -2.96059473e-16]]",
    "gradY1": "[[1.03438506, 13.39255864, -13.36553146], "
    "[1.33110046, -12.70868841, 12.67635292], [-2.36548552, -0.68387024, 0.68917855]]",
    "graddgamma1": "[[-2.8412962, -1.6127009, 4.45399636]]",
    "graddbeta1": "[[-1.03438506, -13.39255864, 13.36553146]]",
    "gradY1bn": "[[ 0,          0,          -0,          ], "
    "[ 1.33110046, -12.70868841, 12.67635292], [-2.36548552, -0.68387024, 0.68917855]]",
    "gradY1lin": "[[-0.05464126, 0.35666977, -0.30997914], "
    "[0.11231814, -0.77278451, 0.98160062], [-0.05767688, 0.41611473, -0.67162147]]",
    "graddW1": "[[-0.0202375, 0.1585199, -0.34442127], [0.01619, -0.07925995, -0.13776851]]",
    "graddB1": "[[-4.62592927e-18, -1.85037171e-17, 0]]",
}

SECTIONS: tuple[Section, ...] = (
    Section(
        "4.1",
        "Batch norm forward in training",
        printed(
            (*SETTINGS, *TRAINING),
            {
                "x": THREE_ROWS,
                **{name.lower(): page for name, page in NETWORK.items()},
                "alpha": ".9",
                "Y1lin": "[[31, 20, 7], [50, 34, 20], [68, 46, 26]]",
                "mean1": "[49.67, 33.33, 17.66]",
                "var1": "[228.22, 112.89, 62.89]",
                "norm1": NORM1,
                "Y1bn": NORM1,
                "running_mean1": "[4.96666667, 3.33333333, 1.76666667]",
                "running_var1": "[23.72222222, 12.18888889, 7.18888889]",
                "Y1": "[[0, 0, 0], [0.02206474, 0.0627453, 0.29422961], "
                "[1.21356074, 1.19216075, 1.05082002]]",
                "Y2lin": "[[0, 0, 0], [-0.41883913, 1.09900622, 0.82684136], "
                "[2.70980293, 6.69460155, 6.85734227]]",
                "mean2": "[0.7636546, 2.59786926, 2.56139454]",
                "var2": "[1.92298436, 8.59291019, 9.34152788]",
                "norm2": NORM2,
                "Y2bn": NORM2,
                "running_mean2": "[0.07636546, 0.25978693, 0.25613945]",
                "running_var2": "[1.09229844, 1.75929102, 1.83415279]",
                "Y2": "[[0, 0, 0], [0, 0, 0], [1.40305653, 1.39746899, 1.40548685]]",
                "Y3lin": "[[0, 0], [0, 0], [18.23512387, 11.23976106]]",
            },
            errata={"mean1": "53 / 3 was cut off, not rounded: 17.67"},
        ),
        given={"X": THREE_ROWS, **NETWORK, **UNITS, "eps": ".001", "alpha": ".9"},
        made=MAKE,
        network=(2, 3, 3, 2),
    ),
    Section(
        "4.1",
        "The softmax behind it, with eps = 1e-8",
        (
            Step("Y3lin with .001", "Y3lin", "Y3lin", var="Y3lin_001"),
            *printed(
                TRAINING,
                {
                    "Y3/Softmax": "[[5.00000000e-01, 5.00000000e-01], "
                    "[5.00000000e-01, 5.00000000e-01], [9.99085084e-01, 9.14916212e-04]]"
                },
            ),
            claimed(
                "eps",
                "softmax(Y3lin_001)",
                "softmax.forward(Y3lin)",
                "softmax(Y3lin)",
                "from this softmax to the end of 4.3 the page computed with eps = 1e-8",
                says="eps = .001",
                means="eps = 1e-8",
            ),
        ),
        given={"eps": "1e-8"},
        made=MAKE,
        after="4.1",
        key="4.1 softmax",
        network=(2, 3, 3, 2),
    ),
    Section(
        "4.2",
        "Batch norm backward",
        (
            *printed(
                BACKWARD,
                BACKWARD_PAGE,
                errata={"graddB2": NOISE, "graddB1": NOISE},
                remarks={"Cross-entropy Loss": "the text says 4.1.1; 4.1 is meant"},
            ),
            claimed(
                "gradient of the loss",
                "Y3 - D",
                "gradient('-D * (Z - Z.exp().sum(1, True).log())', Z=Y3lin, D=D)",
                "sum(D, 1, keepdims=True) * Y3 - D",
                "[5, 13] is no label: Y - D is the gradient only where D sums to 1",
            ),
            claimed(
                "average of graddgamma2",
                "sum(gradY2bn * norm2, 0, keepdims=True) / 3",
                "bn2.dgamma",
                "sum(gradY2bn * norm2, 0, keepdims=True)",
                "gradW and gradB are averaged, but graddgamma and graddbeta are sums",
                says="we average the gradient of all parameters (3.6)",
                means="gamma's and beta's are summed",
            ),
        ),
        given={"D": "[[5, 13], [5, 13], [5, 13]]"},
        made="criterion = CrossEntropy()",
        after="4.1 softmax",
        network=(2, 3, 3, 2),
    ),
    Section(
        "4.3",
        "Batch norm forward in evaluation",
        printed(
            EVALUATION,
            {
                "Y1lin": "[110, 76, 50]",
                "norm1": "[21.56500005, 20.81388639, 17.98938806]",
                "Y1bn": "[21.56500005, 20.81388639, 17.98938806]",
                "Y1": "[21.56500005, 20.81388639, 17.98938806]",
                "Y2lin": "[48.77899674, 117.34089332, 120.91650531]",
                "norm2": "[46.59955049, 88.27079464, 89.09351895]",
                "Y2bn": "[46.59955049 88.27079464 89.09351895]",
                "Y2": "[46.59955049 88.27079464 89.09351895]",
                "Y3lin": "[943.27773115, 501.10103365]",
                "Y3/Softmax": "[1.00000000e+000, 9.22784414e-193]",
            },
            errata={
                "norm1": ROUNDED,
                "Y1bn": ROUNDED,
                "Y1": ROUNDED,
                "Y2lin": UNROUNDED,
            },
        ),
        given={"X": "[[10, 14]]"},
        after="4.2",
        network=(2, 3, 3, 2),
    ),
)
