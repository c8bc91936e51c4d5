"""Worked numbers of the bonus of spring 2024: eps stands inside Adam's root."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step

COURSE = "cmu_s24_bonus"
GIVEN = {
    "W": "[[1, -2], [0.5, 3]]",
    "b": "[[0.1], [-0.2]]",
    "dW1": "[[0.5, -1], [2, 0.1]]",
    "db1": "[[0.2], [-0.3]]",
    "dW2": "[[0.5, 1], [-1, 0.4]]",
    "db2": "[[0.2], [0.6]]",
}


def _adam(title: str, number: str, name: str, decay: str, pages: dict[str, str]) -> Section:
    """Two steps of one layer, with other gradients in the second."""
    more = f", weight_decay={decay}" if decay else ""
    steps = []
    for p in ("W", "b"):
        take = "layer.dLdW, layer.dLdb = dW1.copy(), db1.copy(); optimizer.step()"
        old = f"(1 - 0.1 * {decay}) * {p}" if decay else p
        steps.append(
            Step(f"{p}, step 1", f"layer.{p}", f"{old} - 0.1 * d{p}1 / sqrt(d{p}1**2 + 0.01)",
                 pages[f"{p}1"], first=take if p == "W" else "", var=f"{p}1", noise=1e-6)
        )  # fmt: skip
    for p in ("W", "b"):
        take = "layer.dLdW, layer.dLdb = dW2.copy(), db2.copy(); optimizer.step()"
        old = f"(1 - 0.1 * {decay}) * {p}1" if decay else f"{p}1"
        mean = f"(0.9 * d{p}1 + d{p}2) / 1.9"
        square = f"(0.999 * d{p}1**2 + d{p}2**2) / 1.999"
        steps.append(
            Step(f"{p}, step 2", f"layer.{p}", f"{old} - 0.1 * {mean} / sqrt({square} + 0.01)",
                 pages[f"{p}2"], first=take if p == "W" else "", noise=1e-6,
                 remark="means of both gradients and of both squares, the newer weighs more"
                 if p == "W" else "")
        )  # fmt: skip
    return Section(
        number,
        title,
        tuple(steps),
        given=GIVEN,
        made=f"layer = layer_with(W, b)\noptimizer = {name}(model_of(layer), 0.1, eps=0.01{more})",
        course=COURSE,
    )


DROPOUT = (
    Step("values of the output", "np.unique(dropout.forward(x))", "array([0, 2 / 0.75])",
         "[0, 2.6667]", remark="every input is 2, and p is 0.25"),
    Step("share of zeros", "np.round(np.mean(out == 0), 2)", "array(0.25)", "0.25",
         first="np.random.seed(0); out = dropout.forward(x)", noise=0.02),
    Step("values of the gradient", "np.unique(dropout.backward(delta))", "array([0, 3])", "[0, 3]",
         remark="every incoming one is 3; not divided by 1 - p"),
    Step("gradient where a number was left out", "np.abs(dropout.backward(delta))[out == 0].max()",
         "array(0)", "0"),
    Step("output in evaluation", "np.unique(dropout.forward(x, train=False))", "array([2])", "[2]"),
)  # fmt: skip

SECTIONS = (
    _adam("Adam", "1", "Adam", "", {
        "W1": "[[0.9019, -1.9005], [0.4001, 2.9293]]", "b1": "[[0.0106], [-0.1051]]",
        "W2": "[[0.8039, -1.9057], [0.3735, 2.8456]]", "b2": "[[-0.0789], [-0.1410]]",
    }),
    _adam("AdamW", "2", "AdamW", "0.5", {
        "W1": "[[0.8519, -1.8005], [0.3751, 2.7793]]", "b1": "[[0.0056], [-0.0951]]",
        "W2": "[[0.7113, -1.7157], [0.3298, 2.5567]]", "b2": "[[-0.0842], [-0.1262]]",
    }),
    Section("3", "Dropout", DROPOUT, given={"x": "2 * ones((100, 100))",
            "delta": "3 * ones((100, 100))"}, made="dropout = Dropout(0.25)", course=COURSE),
)  # fmt: skip
