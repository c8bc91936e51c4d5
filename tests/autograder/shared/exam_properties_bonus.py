"""What holds for right Adam, AdamW and dropout by a course's conventions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.autograder.properties import array, like, part, true
from tests.autograder.shared.exam_bonus import differ, layer_for
from tests.autograder.sheet import Plain, Sheet, copies

if TYPE_CHECKING:
    from tests.autograder.shared.exam_properties import Properties

Classes = Any
Case = dict[str, Any]


def adam(p: Properties, c: Classes, case: Case, q: Sheet, name: str) -> None:
    """By finding how far steps go that have no `eps` and equal gradients."""
    lr, decay = float(case["lr"]), float(case.get("weight_decay", 0.0))
    with part(q, "step"):
        steps = _steps(p, c, case, name, 1.0, 0.0)
        larger = _steps(p, c, case, name, 5.0, 0.0)
        still = _steps(p, c, case, name, 0.0, 0.1)
        for i, kind in [(i, kind) for i in range(len(case["sizes"]) - 1) for kind in ("W", "b")]:
            called = f"{p.cv.name(kind)} of layer {i}"
            change = _turned(p, kind, lr * np.sign(case[f"d{kind}{i}.0"]))
            old = _turned(p, kind, case[f"{kind}{i}"])
            for number, count in (("first", 0), ("second", 1)):
                kept = (1 - lr * decay) ** count * old - count * change
                like(f"the {number} step of {called} with equal gradients",
                     steps[count][i, kind], -lr * decay * kept - change)  # fmt: skip
            like(f"a step of {called} with gradients 5 times as large", larger[0][i, kind],
                 steps[0][i, kind])  # fmt: skip
            like(f"a step of {called} with gradients of 0", still[0][i, kind], -lr * decay * old)


def _turned(p: Properties, kind: str, array: Any) -> Any:
    return p.cv.weights(array) if kind == "W" else p.cv.biases(array)


def _steps(
    p: Properties, c: Classes, case: Case, name: str, scale: float, eps: float
) -> list[dict[tuple[int, str], Any]]:
    """How far two steps with the same gradients move every layer's parameters."""
    cv = p.cv
    optimizing = c[cv.name(name)]
    shapes = [case[f"W{i}"].shape for i in range(len(case["sizes"]) - 1)]
    layers = [layer_for(optimizing, cv.name("Linear"), shape) for shape in shapes]
    for i, layer in enumerate(layers):
        for kind in ("W", "b"):
            cv.put(layer, kind, _turned(p, kind, case[f"{kind}{i}"]).copy())
            cv.put(layer, f"d{kind}", scale * _turned(p, kind, case[f"d{kind}{i}.0"]))
    between = [Plain()] if cv.layers == "alternating" else []
    model = Plain()
    cv.put(model, "layers", [one for layer in layers for one in (layer, *between)])
    options = {n: float(case[n]) for n in ("lr", "beta1", "beta2", "weight_decay") if n in case}
    optimizer = optimizing(model, **options, eps=eps)
    found = []
    for _ in range(2):
        before = {(i, k): np.copy(cv.get(one, k)) for i, one in enumerate(layers) for k in "Wb"}
        optimizer.step()
        found.append({
            (i, k): array(f"{k} after a step", cv.get(layers[i], k)) - old
            for (i, k), old in before.items()
        })  # fmt: skip
    return found


def dropout(p: Properties, c: Classes, case: Case, q: Sheet) -> None:
    x, delta = copies(case, "x", "delta")
    layer = c[p.cv.name("Dropout")](float(case["p"]))
    with part(q, "forward"):
        out = array("the output", layer.forward(x.copy()), x.shape)
        share = float(case["p"])
        true(f"about {share:g} of all outputs to be 0", abs(np.mean(out == 0) - share) < 0.04)
        true("each row and each column to have a mask of its own", differ(out == 0))
        ratios = np.unique(np.round(out[out != 0] / x[out != 0], 6))
        true("all numbers that are kept to be scaled alike", len(ratios) == 1)
        true("the mean to stay about what it was", abs(out.mean() / x.mean() - 1) < 0.15)
    with part(q, "backward"):
        out = layer.forward(x.copy())
        back = array("the gradient for the input", layer.backward(delta.copy()), x.shape)
        like("the gradient where a number was left out", back[out == 0], 0 * back[out == 0])
        like("the gradient where a number was kept", back[out != 0], delta[out != 0])
    with part(q, "eval"):
        out = array("the output", layer.forward(x.copy(), train=False), x.shape)
        like("the output in evaluation", out, x, 0.0)


EXERCISES: dict[str, Callable[..., None]] = {
    "adam": partial(adam, name="Adam"),
    "adamw": partial(adam, name="AdamW"),
    "dropout": dropout,
    "dropout_more": dropout,
}
