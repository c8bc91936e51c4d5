"""What is asked of the classes of a course, by its conventions.

What is given is as the course has it, so that a message shows a student's own numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from tests.autograder.shared.conventions import Conventions, at
from tests.autograder.sheet import Sheet, copies

Classes = Any
Case = dict[str, Any]


def of(course: Any) -> Exam:
    """The exam of a course."""
    return Exam(course.conventions)


def number(value: Any) -> Any:
    """An array of numbers in float64.

    The courses' own arrays are partly in float32, and their tests compare values only: a derivative
    that is 1 or 0 as an integer or a boolean is right.
    """
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fiub":
        return value.astype(float)
    return value


def accepts(method: Callable[..., Any], count: int) -> bool:
    """Whether a method can be called with so many arguments."""
    try:
        signature(method).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


class Exam:
    """The exercises, each a method of classes, a case and a `Sheet`."""

    def __init__(self, conventions: Conventions) -> None:
        self.cv = conventions

    def __getattr__(self, name: str) -> Any:
        """The exercises about activations and networks, which differ in their class only."""
        from tests.autograder.shared import exam_bonus, exam_networks

        if name in ACTIVATIONS:
            return lambda c, case, q: self._activation(c[self.cv.name(ACTIVATIONS[name])], case, q)
        exercises = {**exam_networks.EXERCISES, **exam_bonus.EXERCISES}
        if name in exercises:
            return lambda c, case, q: exercises[name](self, c, case, q)
        raise AttributeError(name)

    def put_parameters(self, layer: Any, W: Any, b: Any) -> None:
        """Sets `W (out, in)` and `b (1, out)`; where a hand-in may choose, in its own shapes."""
        cv = self.cv
        if cv.weight == "either":
            turned = np.shape(cv.get(layer, "W")) == W.shape[::-1]
            cv.put(layer, "W", W.T.copy() if turned else W.copy())
        else:
            cv.put(layer, "W", cv.weights(W).copy())
        chosen = np.shape(cv.get(layer, "b")) if cv.bias == "any" else None
        cv.put(layer, "b", b.reshape(chosen).copy() if chosen else cv.biases(b).copy())

    def give_gradients(self, layer: Any, q: Sheet, index: str = "", W: Any = None) -> None:
        """Writes the gradients of a linear layer; where shapes are free, as `(out, in)`, `(out,)`.

        `W` has the shape that its gradient is turned to.
        """
        cv = self.cv
        dW, db = number(cv.get(layer, "dW")), number(cv.get(layer, "db"))
        if cv.weight == "either" and W is not None and np.shape(dW) == W.shape[::-1]:
            dW = dW.T
        if cv.bias == "any" and isinstance(db, np.ndarray):
            db = db.ravel()
        q.give(f"dW{index}", dW)
        q.give(f"db{index}", db)

    def linear(self, c: Classes, case: Case, q: Sheet) -> None:
        cv = self.cv
        x, delta, W, b = copies(case, "x", "delta", "W", "b")
        kept = cv.kept.get("Linear", {})
        layer = c[cv.name("Linear")](*W.shape[::-1], **({"debug": True} if kept else {}))
        self.put_parameters(layer, W, b)
        x, delta = cv.batch(x), cv.batch(delta)
        with q.part("forward"):
            q.give("out", number(layer.forward(x)))
        with q.part("backward"):
            q.give("dx", number(layer.backward(delta)))
            q.give("dW", self._weight_gradient(layer, W))
            if cv.bias != "any":
                q.give("db", number(cv.get(layer, "db")))
        with q.part("backward"):
            for path in kept:
                q.give(path, self.kept(layer, path))

    def _weight_gradient(self, layer: Any, W: Any) -> Any:
        dW = number(self.cv.get(layer, "dW"))
        turned = self.cv.weight == "either" and np.shape(dW) == W.shape[::-1]
        return dW.T if turned else dW

    def linear_more(self, c: Classes, case: Case, q: Sheet) -> None:
        """The start, the bias, and a second batch: gradients are overwritten, `W` is read anew."""
        cv = self.cv
        x, delta, x2, delta2, W, b = copies(case, "x", "delta", "x2", "delta2", "W", "b")
        layer = c[cv.name("Linear")](*W.shape[::-1])
        with q.part("start"):
            if cv.initial != "any":
                q.give("W", self._start(c))
            if cv.weight != "either":
                q.give("shape of W", np.array(np.shape(cv.get(layer, "W"))))
            if cv.bias != "any":
                q.give("shape of b", np.array(np.shape(cv.get(layer, "b"))))
        self.put_parameters(layer, W, b)
        x, delta, x2, delta2 = map(cv.batch, (x, delta, x2, delta2))
        with q.part("forward"):
            q.give("out", number(layer.forward(x)))
            q.give("input", x)
        with q.part("backward"):
            layer.backward(delta)
            self.give_gradients(layer, q, W=W)
            layer.forward(x2)
            layer.backward(delta2)
            self.give_gradients(layer, q, " of a second batch", W=W)

    def _start(self, c: Classes) -> Any:
        """Whether the weights at the beginning are as large as asked, and all else 0: ones."""
        cv = self.cv
        layer = c[cv.name("Linear")](200, 100)
        W, b = np.asarray(cv.get(layer, "W")), np.asarray(cv.get(layer, "b"))
        std = 0.0 if cv.initial == "zeros" else float(cv.initial)
        size = 0.9 * std <= W.std() <= 1.1 * std and abs(W.mean()) <= std / 10
        return np.array([size, not b.any(), self._no_gradients(layer)], float)

    def _no_gradients(self, layer: Any) -> bool:
        """Whether gradients are zeros of the right shapes, where they are in a dictionary.

        Courses that have them as attributes make them in `backward`.
        """
        if "." not in self.cv.name("dW") or self.cv.initial == "zeros":
            return True
        pairs = [(self.cv.get(layer, f"d{name}"), self.cv.get(layer, name)) for name in ("W", "b")]
        return all(np.shape(d) == np.shape(p) and not np.any(d) for d, p in pairs)

    def _activation(self, kind: Any, case: Case, q: Sheet) -> None:
        cv = self.cv
        z, delta = map(cv.batch, copies(case, "z", "delta"))
        arguments = [float(case["slope"])] if "slope" in case else []
        layer = kind(*arguments)
        with q.part("forward"):
            q.give("out", number(layer.forward(z)))
            q.give("input", z)
        with q.part("backward"):
            expected = int(cv.activation == "gradient")
            q.give("arguments with self", self._arguments(layer.backward, expected))
            back = layer.backward(delta) if expected else layer.backward()
            q.give("dz" if expected else "derivative", number(back))

    def _arguments(self, method: Any, expected: int) -> Any:
        count = expected if accepts(method, expected) else 1 - expected
        return np.array(count + 1)

    def mse(self, c: Classes, case: Case, q: Sheet) -> None:
        self._loss(c[self.cv.name("MSELoss")](), case, q)

    def cross_entropy(self, c: Classes, case: Case, q: Sheet) -> None:
        kind = c[self.cv.name("CrossEntropyLoss")]
        self._loss(kind(), case, q, kind() if self.cv.loss_backward == "inputs" else None)

    cross_entropy_more = cross_entropy

    def _loss(self, loss: Any, case: Case, q: Sheet, fresh: Any = None) -> None:
        """`fresh` is one whose backward does not need a forward before."""
        cv = self.cv
        x, y = map(cv.batch, copies(case, "x", "y"))
        if cv.labels == "integers":
            y = case["y"].argmax(axis=1)
        with q.part("forward"):
            value = number(loss.forward(x, y))
            if cv.loss_value == "any" and isinstance(value, int | float):
                value = np.array(float(value))
            elif cv.loss_value == "NumPy" and np.shape(value) == (1, 1):
                value = value[0, 0]  # what products with columns of ones give
            q.give("loss", value)
            q.give("input", x)
        with q.part("backward"):
            again = cv.loss_backward == "inputs"
            back = (fresh or loss).backward(x, y) if again else loss.backward()
            q.give("dx", number(back))

    def batchnorm(self, c: Classes, case: Case, q: Sheet) -> None:
        cv = self.cv
        x0, x1, delta = map(cv.batch, copies(case, "x0", "x1", "delta"))
        with q.part("eval"):
            q.give("out", number(self._norm(c, case).forward(x1, eval=True)))
        layer = self._norm(c, case)
        with q.part("forward"):
            q.give("out", number(layer.forward(x0)))
        with q.part("backward"):
            q.give("dx", number(layer.backward(delta)))

    def _norm(self, c: Classes, case: Case) -> Any:
        layer = c[self.cv.name("BatchNorm1d")](case["gamma"].shape[1])
        for name in ("gamma", "beta"):
            self.cv.put(layer, name, self.cv.batch(case[name].copy()))
        return layer

    def batchnorm_more(self, c: Classes, case: Case, q: Sheet) -> None:
        """The other gradients, and two batches with their running statistics, then evaluation."""
        cv = self.cv
        x0, x1, x_eval, delta = map(cv.batch, copies(case, "x0", "x1", "x_eval", "delta"))
        layer = self._norm(c, case)
        with q.part("running"):
            layer.forward(x0)
            q.give("mean", number(cv.get(layer, "running_mean")))
            q.give("var", number(cv.get(layer, "running_var")))
        with q.part("backward"):
            layer.backward(delta)
            q.give("dgamma", number(cv.get(layer, "dgamma")))
            q.give("dbeta", number(cv.get(layer, "dbeta")))
        with q.part("running"):
            layer.forward(x1)
            q.give("mean of a second batch", number(cv.get(layer, "running_mean")))
            q.give("var of a second batch", number(cv.get(layer, "running_var")))
        with q.part("eval"):
            q.give("out", number(layer.forward(x_eval, eval=True)))
            q.give("mean afterwards", number(cv.get(layer, "running_mean")))

    def kept(self, network: Any, path: str) -> Any:
        """A number that a network keeps."""
        return number(at(network, path))


ACTIVATIONS = {
    "identity": "Identity",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "gelu": "GELU",
    "softmax": "Softmax",
    "softmax_more": "Softmax",
    "leaky": "LeakyReLU",
    "leaky_more": "LeakyReLU",
}
