#!/usr/bin/env python3
"""Steps through a worked example of automatic differentiation, number by number (002 §0.1).

Every number that the page prints stands beside the one that the library computes.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

try:
    import numpy  # noqa: F401 - asked for here, so that its absence is said in a sentence
except ModuleNotFoundError:
    sys.exit("sandbox.py: NumPy is missing; ./grade.sh m installs it into .venv/bin/python")

from mytorch.autograd_engine import AccumulateGrad, ContextManager, Function
from mytorch.graph import graph_of, to_dot
from mytorch.nn.functional import Add, Mul
from mytorch.tensor import Tensor


class Step(NamedTuple):
    """One number: where the page has it, what it is, what the page says and what came out.

    None stands for a gradient that is not there.
    """

    section: str
    formula: str
    printed: float | None
    computed: float | None

    @property
    def verdict(self) -> str:
        """Whether both numbers agree."""
        return "match" if self.printed == self.computed else "MISMATCH"


class Example(NamedTuple):
    """The tensors of the example by their names."""

    a: Tensor
    b: Tensor
    c: Tensor
    product: Tensor
    d: Tensor
    total: Tensor
    e: Tensor


def example() -> Example:
    """`d = a + a * b` and `e = (d + c) + 3` with a = 1, b = 2, c = 3; b needs no gradient."""
    a = Tensor(1.0, requires_grad=True)
    b = Tensor(2.0)
    c = Tensor(3.0, requires_grad=True)
    product = a * b
    d = a + product
    total = d + c
    return Example(a, b, c, product, d, total, total + 3)


def gradients(operation: type[Function], grad_output: Tensor, *inputs: Tensor) -> Any:
    """The gradients of one operation for its inputs, without a graph around it."""
    ctx = ContextManager()
    operation.forward(ctx, *inputs)
    return operation.backward(ctx, grad_output)


def steps() -> Iterator[Step]:
    """The whole example: forward, each operation's gradients backward, and the results."""
    x = example()
    yield Step("0.1.4", "a * b", 2, x.product.item())
    yield Step("0.1.4", "d = a + a * b", 3, x.d.item())
    yield Step("0.1.4", "e = (d + c) + 3", 9, x.e.item())

    # Each operation is used alone, so that it also shows the gradients that nobody asks for.
    one = Tensor(1.0)
    yield Step("0.1.5 step 1", "de/de", 1, one.item())
    total, three = gradients(Add, one, x.total, Tensor(3.0))
    yield Step("0.1.5 step 2", "de/d(d + c)", 1, total.item())
    yield Step("0.1.5 step 2", "de/d3", 1, three.item())
    d, c = gradients(Add, total, x.d, x.c)
    yield Step("0.1.5 step 3", "de/dd", 1, d.item())
    yield Step("0.1.5 step 3", "de/dc", 1, c.item())
    AccumulateGrad(x.c).apply(c)
    yield Step("0.1.5 step 4", "c.grad", 1, _gradient(x.c))
    a, product = gradients(Add, d, x.a, x.product)
    yield Step("0.1.5 step 5", "de/da through d", 1, a.item())
    yield Step("0.1.5 step 5", "de/d(a * b)", 1, product.item())
    AccumulateGrad(x.a).apply(a)
    yield Step("0.1.5 step 6", "a.grad", 1, _gradient(x.a))
    a, b = gradients(Mul, product, x.a, x.b)
    yield Step("0.1.5 step 7", "de/da through a * b", 2, a.item())
    yield Step("0.1.5 step 7", "de/db", 1, b.item())
    AccumulateGrad(x.a).apply(a)
    yield Step("0.1.5 step 8", "a.grad", 3, _gradient(x.a))

    y = example()  # the same by backward(), on a graph of its own
    y.e.backward()
    yield Step("0.1.7", "a.grad after e.backward()", 3, _gradient(y.a))
    yield Step("0.1.7", "b.grad after e.backward()", None, _gradient(y.b))
    yield Step("0.1.7", "c.grad after e.backward()", 1, _gradient(y.c))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script; exit code 1 where a number differs from the page's."""
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="sandbox.py", description=__doc__)
    parser.add_argument("--dot", action="store_true", help="print the graph as DOT text instead")
    parser.add_argument(
        "--plot", type=Path, metavar="DIR", help="also draw the graph into DIR/worked_example.png"
    )
    options = parser.parse_args(arguments)
    x = example()
    names = {"a": x.a, "c": x.c, "a * b": x.product, "d": x.d, "d + c": x.total, "e": x.e}
    graph = graph_of(x.e, names)
    if options.dot and options.plot is not None:
        parser.error("--dot and --plot do not go together")
    if options.dot:
        print(to_dot(graph))
        return 0
    print("a = 1, b = 2, c = 3; d = a + a * b; e = (d + c) + 3; b requires no gradient\n")
    print(f"{'section':13} {'what':32} {'page':>6} {'computed':>9}  verdict")
    wrong = 0
    for step in steps():
        print(
            f"{step.section:13} {step.formula:32} {_shown(step.printed):>6} "
            f"{_shown(step.computed):>9}  {step.verdict}"
        )
        wrong += step.verdict != "match"
    if options.plot is not None:
        try:
            from mytorch.plotting import plot_graph

            options.plot.mkdir(parents=True, exist_ok=True)
            path = plot_graph(graph, options.plot / "worked_example.png")
        except ModuleNotFoundError as error:
            print(f"sandbox.py: {error}; use .venv/bin/python", file=sys.stderr)
            return 1
        except OSError as error:
            print(f"sandbox.py: {options.plot}: {error.strerror}", file=sys.stderr)
            return 1
        print(f"\nwrote {path}")
    return 1 if wrong else 0


def _gradient(tensor: Tensor) -> float | None:
    return None if tensor.grad is None else tensor.grad.item()


def _shown(number: float | None) -> str:
    return "none" if number is None else f"{number:g}"


if __name__ == "__main__":
    sys.exit(main())
