"""002 §0.1: automatic differentiation step by step, `d = a + a * b` and `e = (d + c) + 3`."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed

GIVEN = {"a": "1", "b": "2", "c": "3"}
MAKE = """
    a = Tensor(1.0, requires_grad=True)
    b = Tensor(2.0)
    c = Tensor(3.0, requires_grad=True)
    product = a * b
    d = a + product
    total = d + c
    e = total + 3
"""


def alone(outputs: str, operation: str, inputs: str, grad_output: str) -> str:
    """Statements that use an operation by itself, so that every gradient of it can be seen."""
    return (
        f"ctx = ContextManager(); {operation}.forward(ctx, {inputs}); "
        f"{outputs} = {operation}.backward(ctx, {grad_output})"
    )


OUTER = alone("to_total, to_three", "Add", "total, Tensor(3.0)", "Tensor(1.0)")
INNER = alone("to_d, to_c", "Add", "d, c", "to_total")
SUM = alone("to_a, to_product", "Add", "a, product", "to_d")
PRODUCT = alone("to_a, to_b", "Mul", "a, b", "to_product")

FORWARD = (
    claimed("Op:Mult", "a * b", "product.data"),
    claimed("d", "a * b + a", "d.data"),
    claimed("e", "(a * b + a + c) + 3", "e.data"),
    claimed("f(x, y, z)", "((a * b + a) + c) + 3", "e.data", remark="equation (1) at a, b, c"),
)
START = "seed = Tensor(9.0, requires_grad=True); same = seed + 0.0; same.backward()"
BACKWARD = (
    Step("∂e/∂e", "seed.grad.data", "1", "[1]", first=START),
    Step("∂e/∂Op:Add", "to_total.data", "1", "[1]", first=OUTER),
    Step("∂e/∂[3]", "to_three.data", "1", "[1]"),
    Step("∂e/∂d", "to_d.data", "1", "[1]", first=INNER),
    Step("∂e/∂c", "to_c.data", "1", "[1]"),
    Step("c.grad", "c.grad.data", "1", "1.", first="AccumulateGrad(c).apply(to_c)"),
    Step("∂e/∂a", "to_a.data", "1", "[1]", first=SUM),
    Step("∂e/∂Op:Mult", "to_product.data", "1", "[1]"),
    Step("a.grad", "a.grad.data", "1", "1.", first="AccumulateGrad(a).apply(to_a)"),
    Step("∂e/∂b", "to_b.data", "a", "[1]", first=PRODUCT),
    Step("∂e/∂a", "to_a.data", "b", "[2]"),
    Step("a.grad", "a.grad.data", "1 + b", "3.", first="AccumulateGrad(a).apply(to_a)"),
)
RESULTS = (
    Step("a.grad", "a.grad.data", "1 + b", "3.", first="e.backward()"),
    Step("b.grad", "b.grad", "None", "None", remark="the page: no result, empty gradient"),
    Step("c.grad", "c.grad.data", "1", "1."),
)
SYMBOLIC = (
    Step("∂e/∂c", "c.grad.data", "1 * 1 * 1", "[1]"),
    Step("∂e/∂a", "a.grad.data", "1 * 1 * 1 * 1 + 1 * 1 * 1 * 1 * b", "[3]"),
)

SECTIONS = (
    Section("0.1.4", "Forward: the graph is built", FORWARD, given=GIVEN, made=MAKE),
    Section("0.1.5", "Backward, operation by operation", BACKWARD, after="0.1.4"),
    Section("0.1.7", "The same by e.backward()", RESULTS, given=GIVEN, made=MAKE),
    Section("0.1.8", "The same as symbolic math", SYMBOLIC, after="0.1.7"),
)
