"""001 §3.1, §3.3 and §3.4: backward through an activation and through a linear layer."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed

GRAD_Y = {"gradY": "[[1, -1, 1]]"}
SIGMOID_SLOPE = "1 / (1 + exp(-Z)) * (1 - 1 / (1 + exp(-Z)))"
AT_Y1 = {"says": "Z = Y1", "means": "Z = Y1lin"}
NOT_Y1 = "the text sets Z = Y1, the activation's output; the numbers are those of Z = Y1lin"


def activation(
    name: str, slope: str, sanity: str, page: str, extra: tuple[Step, ...] = (), erratum: str = ""
) -> tuple[Section, Section]:
    """The two tests of one activation: a sanity check, and at `Y1lin` of §2.1.2."""
    step = Step(
        "gradZ",
        f"gradY * {name.lower()}.derivative()",
        f"gradY * {slope}",
        first=f"{name.lower()}.forward(Z)",
    )
    made = f"{name.lower()} = {name}()"
    return (
        Section(
            "3.3",
            f"The gradient of {name}, sanity check",
            (step._replace(page=sanity),),
            given={"Z": "[[1, 2, 3]]", **GRAD_Y},
            made=made,
            key=f"3.3 {name}",
        ),
        Section(
            "3.3",
            f"The gradient of {name} at Y1lin of 2.1.2",
            (step._replace(page=page, erratum=erratum), *extra),
            given={"Z": "[[32, 22, 10]]", **GRAD_Y},
            made=made,
            key=f"3.3 {name} Y1lin",
        ),
    )


LINEAR = (
    Step("gradZ", "linear.backward(gradY)", "gradY @ W.T", first="linear.forward(Z)"),
    Step("gradW", "linear.dW", "Z.T @ gradY"),
    Step("gradB", "linear.db", "gradY"),
)


def linear(key: str, z: str, b: str, gradient: str) -> Section:
    """One test of the linear layer."""
    pages = ("[0, 6]", gradient, "[1, -1, 1]")
    steps = zip(LINEAR, pages, strict=True)
    return Section(
        "3.4.1",
        f"The gradient of a linear layer, {key}",
        tuple(step._replace(page=page) for step, page in steps),
        given={"Z": z, "W": "[[4, 2, -2], [5, 4, 5]]", "B": b, **GRAD_Y},
        made="linear = Linear(2, 3, in_turn(W), in_turn(B))",
        key=f"3.4.1 {key}",
    )


SECTIONS = (
    Section(
        "3.1",
        "The chain rule for gradients",
        (
            claimed("∇X Z", "W.T", "jacobian('X @ W', X=X, W=W)")._replace(var="J"),
            claimed("∇X L", "gradZ @ J", "gradient('X @ W * G', X=X, W=W, G=gradZ)"),
        ),
        given={"X": "[[4, 3]]", "W": "[[4, 2, -2], [5, 4, 5]]", "gradZ": "[[1, -2, 3]]"},
    ),
    Section(
        "3.3",
        "The gradient of an activation as a formula",
        (
            claimed(
                "∂L/∂Z_i",
                f"gradY * {SIGMOID_SLOPE}",
                "gradient('1 / (1 + (-Z).exp()) * G', Z=Z, G=gradY)",
                remark="3.3 writes derivative(gradY), 3.5 derivative() * gradY: the same",
            ),
        ),
        given={"Z": "[[1, 2, 3]]", **GRAD_Y},
        key="3.3 formula",
    ),
    *activation(
        "Sigmoid",
        SIGMOID_SLOPE,
        "[0.197, -0.105, 0.045]",
        "[1.3e-14, 2.8e-10, 4.5e-5]",
        (
            claimed(
                "gradZ at Z = Y1",
                "gradY * exp(-1) / (1 + exp(-1)) ** 2",
                "gradY * sigmoid.derivative()",
                f"gradY * {SIGMOID_SLOPE}",
                NOT_Y1,
                **AT_Y1,
            ),
        ),
        "the middle number lost the minus of gradY = -1",
    ),
    *activation("ReLU", "where(Z > 0, 1, 0)", "[1, -1, 1]", "[1, -1, 1]"),
    *activation(
        "Tanh",
        "(1 - tanh(Z) ** 2)",
        "[0.420, -0.071, 0.010]",
        "[0, 0, 8.2e-9]",
        (
            claimed(
                "gradZ at Z = Y1",
                "gradY * (1 - tanh(tanh(Z)) ** 2)",
                "gradY * tanh.derivative()",
                "gradY * (1 - tanh(Z) ** 2)",
                NOT_Y1,
                **AT_Y1,
            ),
        ),
    ),
    Section(
        "3.4",
        "The gradients of a linear layer as formulas",
        (
            claimed("∇Z L", "gradY @ W.T", "gradient('(Z @ W + B) * G', Z=Z, W=W, B=B, G=gradY)"),
            claimed("∇W L", "Z.T @ gradY", "gradient('(Z @ W + B) * G', W=W, Z=Z, B=B, G=gradY)"),
            claimed("∇B L", "gradY", "gradient('(Z @ W + B) * G', B=B, W=W, Z=Z, G=gradY)"),
        ),
        given={"Z": "[[1, 2]]", "W": "[[4, 2, -2], [5, 4, 5]]", "B": "[[1, 1, 1]]", **GRAD_Y},
    ),
    linear("sanity check", "[[1, 2]]", "[[1, 1, 1]]", "[[1, -1, 1], [2, -2, 2]]"),
    linear("with X of 2.1.1", "[[4, 3]]", "[[1, 2, 3]]", "[[4, -4, 4], [3, -3, 3]]"),
)
