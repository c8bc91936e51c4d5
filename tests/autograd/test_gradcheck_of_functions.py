"""The gradient check of functions on tensors: it leaves no trace; integers stay as they are."""

import functools
from typing import Any

import numpy as np

from mytorch import BatchNorm, nn
from mytorch.gradcheck import gradcheck
from mytorch.tensor import Tensor

X = np.random.default_rng(0).normal(size=(5, 4))
GLOBAL: list[Any] = []


def test_a_function_leaves_no_trace_in_what_it_names() -> None:
    """Neither gradients nor running statistics, however the function comes by the module."""
    np.random.seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.FromLayer(BatchNorm(3)))
    weight = Tensor(np.ones((4, 1)), requires_grad=True)
    before, table = model.state_dict(), {"model": [model]}

    def helper(t: Tensor) -> Any:
        return GLOBAL[0](t)

    def nested(t: Tensor) -> Any:
        return next(helper(u) for u in (t,)) * (t @ weight)

    class Holder:
        own = model

        def __init__(self) -> None:
            self.model = model

        def method(self, t: Tensor) -> Any:
            return self.model(t)

        def __call__(self, t: Tensor) -> Any:
            return self.model(t)

    GLOBAL[:] = [model]
    functions: list[Any] = [
        lambda t: model(t), lambda t, m=model: m(t), nested, model.forward, model,
        lambda t: table["model"][0](t), functools.partial(lambda m, t: m(t), model),
        functools.partial(nested), Holder().method, Holder(), lambda t: GLOBAL[0](t),
    ]  # fmt: skip
    for function in functions:
        assert gradcheck(function, X)
        after = model.state_dict()
        assert all(np.array_equal(before[name], after[name]) for name in before)
        assert all(p.grad is None for p in (*model.parameters(), weight))
    assert gradcheck(functions[0], X) == gradcheck(functions[0], X)


def test_a_generator_in_a_function_goes_on_as_if_nothing_was() -> None:
    rng = np.random.default_rng(0)

    def noisy(t: Tensor) -> Any:
        return t * rng.normal()

    gradcheck(noisy, X)
    assert rng.normal() == np.random.default_rng(0).normal()


def test_integers_are_handed_over_as_they_are() -> None:
    logits, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    report = gradcheck(nn.CrossEntropyLoss(), logits, labels)
    assert report, report
    assert report.checked == 12
    report = gradcheck(lambda x, i: x[i] * 2, logits, np.array([0, 1, 1]))
    assert report, report
    assert report.checked == 12
    report = gradcheck(lambda i, x: x[i], [True, False, True, False], logits)
    assert report, report
    assert report.checked == 12
    report = gradcheck(lambda x, i: x * float(i.dtype.kind == "i"), logits, labels[:, None])
    assert report.worst is not None
    assert report.worst.analytic != 0
    assert gradcheck(lambda a, b: a * b, [1, 2], [3, 4]).checked == 4  # or nothing would be
