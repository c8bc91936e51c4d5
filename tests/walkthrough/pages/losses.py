"""001 §2.3 and §3.2: the losses and their gradients."""

from __future__ import annotations

from tests.walkthrough.pages.forward import ONE_ROW
from tests.walkthrough.steps import Section, Step, claimed

L2_GIVEN = {"Y": "[[1, 2, 3]]", "D": "[[2, 3, 4]]"}
ENTROPY_GIVEN = {
    "Y": "[[0.2, 0.3, 0.5]]",
    "D1": "[[1, 0, 0]]",
    "D2": "[[0, 1, 0]]",
    "D3": "[[0, 0, 1]]",
}
MAKE = """
    l2 = L2()
    crossentropy = CrossEntropy()
"""
L2_FORMULA = "sum((Y - D) ** 2, 1) / 2"
ENTROPY_FORMULA = "-sum(D * log(Y), 1)"


def entropy_loss(target: int, page: str) -> Step:
    """The loss of the sanity check for one target class."""
    call = f"crossentropy.forward(Y, D{target})"
    return Step("L", call, f"-sum(D{target} * log(Y), 1)", page)


def entropy_gradient(target: int, page: str) -> Step:
    """The gradient of the sanity check for one target class."""
    first = f"crossentropy.forward(Y, D{target})"
    return Step("gradZ", "crossentropy.derivative()", f"Y - D{target}", page, first=first)


BATCH = "array([[1544, 905], [2614, 1444], [3538, 1966]])"


def of_the_batch(name: str, criterion: str, output: str, of_batch: str) -> Step:
    """The page names the batch's inputs, and prints the gradient of one input."""
    return claimed(
        f"{name} of 2.2.3",
        f"{of_batch} - D",
        f"{criterion}.derivative()",
        f"{output} - D",
        "the text takes the inputs of 2.2.3, three rows; what it prints is 2.1.3's one row",
        says="the inputs of 2.2.3",
        means="the input of 2.1.3",
    )


SECTIONS = (
    Section(
        "2.3",
        "The losses as formulas",
        (
            claimed("L2 loss", L2_FORMULA, "l2.forward(Y, D)"),
            claimed("cross-entropy loss", ENTROPY_FORMULA, "crossentropy.forward(Y, D)"),
            claimed(
                "L for one-hot D",
                "-log(log(Y[:, 1]))",
                "crossentropy.forward(Y, D)",
                "-log(Y[:, 1])",
                "the logarithm is written twice",
                says="-log log Y_c",
                means="-log Y_c",
            ),
        ),
        given={"Y": "[[0.2, 0.3, 0.5]]", "D": "[[0, 1, 0]]"},
        made=MAKE,
    ),
    Section(
        "2.3.1",
        "L2 loss, sanity check",
        (
            Step(
                "L",
                "l2.forward(Y, D)",
                L2_FORMULA,
                "1.0",
                erratum="half the sum of three squares of 1 is 1.5, by the page's own formula",
            ),
        ),
        given=L2_GIVEN,
        made=MAKE,
        key="2.3.1 L2",
    ),
    Section(
        "2.3.1",
        "L2 loss, network check",
        (Step("L", "l2.forward(Y3lin, D)", "sum((Y3lin - D) ** 2, 1) / 2", "20.5"),),
        given={"D": "[[1540, 900]]"},
        made=MAKE,
        after="2.1.3",
        key="2.3.1 L2 network",
    ),
    Section(
        "2.3.1",
        "Cross-entropy loss, sanity check",
        (
            entropy_loss(2, "-log(0.3)"),
            entropy_loss(1, "-log(0.2)"),
            entropy_loss(3, "-log(0.5)"),
        ),
        given=ENTROPY_GIVEN,
        made=MAKE,
        key="2.3.1 cross-entropy",
    ),
    Section(
        "2.3.1",
        "Cross-entropy loss, network check",
        (Step("L", "crossentropy.forward(Y3, D)", "-sum(D * log_softmax(Y3lin), 1)", "0.0"),),
        given={"D": "[[1, 0]]"},
        made=MAKE,
        after="2.1.3",
        key="2.3.1 cross-entropy network",
    ),
    Section(
        "3.2.1",
        "The gradients as formulas",
        (
            claimed("L2: ∇L", "Y3lin - D", "gradient('(Y - D) ** 2 / 2', Y=Y3lin, D=D)"),
            claimed(
                "cross-entropy: ∇L",
                "softmax(Z) - D",
                "gradient('-D * (Z.exp() / Z.exp().sum()).log()', Z=Z, D=D)",
                remark="only for a D that sums to 1",
            ),
        ),
        given={"Z": "[[0.5, -1, 2]]", "D": "[[0, 1, 0]]", "Y3lin": "[[1, 2, 3]]"},
        made=MAKE,
    ),
    Section(
        "3.2.2",
        "L2 gradient, sanity check",
        (
            Step(
                "gradY",
                "l2.derivative()",
                "Y - D",
                "[-1, -1, -1]",
                first="l2.forward(Y, D)",
            ),
            claimed(
                "L2 loss",
                L2_FORMULA,
                "l2.derivative()",
                "Y - D",
                "the numbers are those of the gradient; the loss is 1.5",
                says="the L2 loss computed is [-1, -1, -1]",
                means="the gradient computed is [-1, -1, -1]",
            ),
        ),
        given=L2_GIVEN,
        made=MAKE,
        key="3.2.2 L2",
    ),
    Section(
        "3.2.2",
        "L2 gradient, network check",
        (
            Step(
                "gradY", "l2.derivative()", "Y3lin - D", "[1304, 901]", first="l2.forward(Y3lin, D)"
            ),
            of_the_batch("gradY", "l2", "Y3lin", BATCH),
        ),
        given={"X": ONE_ROW, "D": "[[240, 4]]"},
        made=MAKE,
        after="2.1.3",
        key="3.2.2 L2 network",
    ),
    Section(
        "3.2.2",
        "Cross-entropy gradient at the logits, sanity check",
        (
            entropy_gradient(2, "[0.2, -0.7, 0.5]"),
            entropy_gradient(1, "[-0.8, 0.3, 0.5]"),
            entropy_gradient(3, "[0.2, 0.3, -0.5]"),
        ),
        given=ENTROPY_GIVEN,
        made=MAKE,
        key="3.2.2 cross-entropy",
    ),
    Section(
        "3.2.2",
        "Cross-entropy gradient at the logits, network check",
        (
            Step(
                "gradZ",
                "crossentropy.derivative()",
                "Y3 - D",
                "[0, 0]",
                first="crossentropy.forward(Y3, D)",
            ),
            of_the_batch("gradZ", "crossentropy", "Y3", f"softmax({BATCH})"),
        ),
        given={"D": "[[1, 0]]"},
        made=MAKE,
        after="2.1.3",
        key="3.2.2 cross-entropy network",
    ),
)
