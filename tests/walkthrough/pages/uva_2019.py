"""Worked numbers of the Amsterdam course of 2019: sums in the layers, the mean in the loss."""

from __future__ import annotations

from tests.walkthrough.pages import cmu, cmu_s24
from tests.walkthrough.steps import Section, Step

COURSE = "uva_2019"
GIVEN = {"x": cmu.A, "W": cmu.WEIGHTS["W"], "b": "[[-1, 0, 1]]", "dout": cmu.DLDZ}
MAKE_LINEAR = """
    linear = LinearModule(2, 3)
    put_parameters(linear, W, b)
"""
CHAIN = "softmax(x @ W.T + b)"
LOSS = f"-sum(y * log({CHAIN})) / 4"

SECTIONS = (
    Section(
        "1.2a",
        "Linear module",
        (
            Step("out", "linear.forward(x)", "x @ W.T + b", cmu.Z.page),
            Step("dx", "linear.backward(dout)", "dout @ W", cmu.DLDA.page),
            Step("gradient of the weight", "dweight(linear, W)",
                 "sum(dout[:, :, None] * x[:, None], 0)", "[[28, 30], [24, 30], [20, 30]]",
                 remark="shown as (out, in); a sum over the batch"),
            Step("gradient of the bias", "dbias(linear)", "sum(dout, 0)[None]",
                 "[[2, 6, 10]]", remark="shown as (1, out); a sum over the batch"),
        ),
        given=GIVEN,
        made=MAKE_LINEAR,
        course=COURSE,
    ),
    Section(
        "1.2b",
        "Leaky ReLU module",
        (
            Step("out", "leaky.forward(x)", "where(x > 0, x, 0.1 * x)",
                 "[[-0.4, 3], [2, -0.1]]"),
            Step("dx", "leaky.backward(dout)", "dout * where(x > 0, 1, 0.1)",
                 "[[0.5, -2], [3, 0.7]]"),
        ),
        given={"x": "[[-4, 3], [2, -1]]", "dout": "[[5, -2], [3, 7]]"},
        made="leaky = LeakyReLUModule(0.1)",
        course=COURSE,
    ),
    Section(
        "1.2c",
        "Softmax module",
        (
            Step("out", "softmax.forward(x)", "exp(x) / sum(exp(x), 1)[:, None]",
                 "[[0.0900, 0.2447, 0.6652], [0.3333, 0.3333, 0.3333]]", var="s"),
            Step("dx", "softmax.backward(dout)",
                 "array([row @ (diag(a) - outer(a, a)) for a, row in zip(s, dout)])",
                 "[[0.0819, -0.0220, -0.0599], [-0.3333, 0, 0.3333]]", noise=1e-12,
                 remark="by the Jacobian of each row"),
            Step("large inputs", "SoftMaxModule().forward(1000 * x)",
                 "array([[0, 0, 1], [1 / 3, 1 / 3, 1 / 3]])",
                 "[[0, 0, 1], [0.3333, 0.3333, 0.3333]]",
                 remark="without the maximum they overflow"),
        ),
        given={"x": "[[1, 2, 3], [0, 0, 0]]", "dout": "[[1, 0, 0], [1, 2, 3]]"},
        made="softmax = SoftMaxModule()",
        course=COURSE,
    ),
    Section(
        "1.2d",
        "Cross-entropy module",
        (
            Step("L", "criterion.forward(x, y)", "-(log(0.25) + log(0.8)) / 2", "0.8047"),
            Step("dx", "criterion.backward(x, y)", "slope(lambda x: -sum(y * log(x)) / 2, x)",
                 "[[-2, 0, 0], [0, 0, -0.625]]", noise=1e-7,
                 remark="by finite differences of the mean"),
        ),
        given={"x": "[[0.25, 0.25, 0.5], [0.1, 0.1, 0.8]]", "y": "[[1, 0, 0], [0, 0, 1]]"},
        made="criterion = CrossEntropyModule()",
        course=COURSE,
    ),
    Section(
        "1.2e",
        "A linear module, a softmax and the loss",
        (
            Step("probabilities", "softmax.forward(linear.forward(x))", CHAIN,
                 "[[0.1343, 0.2004, 0.6653], [0.1919, 0.2863, 0.5217], "
                 "[0.2510, 0.3745, 0.3745], [0.3021, 0.4506, 0.2473]]", var="p"),
            Step("L", "criterion.forward(p, y)", LOSS, "1.2094"),
            Step("gradient for the logits", "softmax.backward(criterion.backward(p, y))",
                 "(p - y) / 4", cmu_s24.CHAIN, var="d",
                 remark="the two modules together give (p - y) / N"),
            Step("gradient of the weight", "dweight(linear, W)",
                 f"slope(lambda W: {LOSS}, W)",
                 "[[0.4207, 0.1406], [-0.1182, -0.0403], [-0.3025, -0.1003]]",
                 first="linear.backward(d)", noise=1e-8,
                 remark="by finite differences of the mean loss"),
            Step("gradient of the bias", "dbias(linear)", f"slope(lambda b: {LOSS}, b)",
                 "[[-0.2802, 0.0780, 0.2022]]", noise=1e-8,
                 remark="by finite differences of the mean loss"),
        ),
        given={"x": cmu.A, "W": cmu.SMALL["W"], "b": "[[-0.1, 0, 0.1]]", "y": cmu.LABELS},
        made=MAKE_LINEAR + "    softmax = SoftMaxModule()\n    criterion = CrossEntropyModule()\n",
        course=COURSE,
    ),
)  # fmt: skip
