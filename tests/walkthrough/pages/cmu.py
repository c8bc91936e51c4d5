"""What the worked numbers of the CMU courses of 2023 and 2024 share: inputs, batch norm, SGD."""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step

A = "[[-4, -3], [-2, -1], [0, 1], [2, 3]]"
Y = "[[0, 1], [1, 0], [1, 0], [0, 1]]"
WEIGHTS = {"W": "[[-2, -1], [0, 1], [2, 3]]", "b": "[[-1], [0], [1]]"}
DLDZ = "[[-4, -3, -2], [-1, 0, 1], [2, 3, 4], [5, 6, 7]]"
LINEAR = {"A": A, **WEIGHTS, "dLdZ": DLDZ}
MAKE_LINEAR = """
    linear = Linear(2, 3, debug=True)
    linear.W, linear.b = W.copy(), b.copy()
"""
Z = Step("Z", "linear.forward(A)", "A @ W.T + b.T",
         "[[10, -3, -16], [4, -1, -6], [-2, 1, 4], [-8, 3, 14]]")  # fmt: skip
DLDA = Step("dLdA", "linear.backward(dLdZ)", "dLdZ @ W", "[[4, -5], [4, 4], [4, 13], [4, 22]]")

MAKE_NETWORK = """
    network = MLP0(debug=True)
    network.layers[0].W, network.layers[0].b = W.copy(), b.copy()
"""
NETWORK_FORWARD = (
    Step("Z0", "network.Z0", "A @ W.T + b.T", Z.page, first="network.forward(A)"),
    Step("A1", "network.A1", "where(Z0 > 0, Z0, 0)",
         "[[10, 0, 0], [4, 0, 0], [0, 1, 4], [0, 3, 14]]"),
)  # fmt: skip
DLDA0 = Step("dLdA0", "network.dLdA0", "dLdZ0 @ W", "[[8, 4], [2, 1], [8, 15], [14, 27]]")

SIGMOID = "[[0.0180, 0.0474], [0.1192, 0.2689], [0.5, 0.7311], [0.8808, 0.9526]]"
TANH = "[[-0.9993, -0.9951], [-0.9640, -0.7616], [0, 0.7616], [0.9640, 0.9951]]"
RELU = "[[0, 0], [0, 0], [0, 1], [2, 3]]"
FORWARD = (
    Step("A of the sigmoid", "sigmoid.forward(Z)", "1 / (1 + exp(-Z))", SIGMOID),
    Step("A of tanh", "tanh.forward(Z)", "2 / (1 + exp(-2 * Z)) - 1", TANH),
    Step("A of ReLU", "relu.forward(Z)", "where(Z > 0, Z, 0)", RELU),
)
MAKE_ACTIVATIONS = """
    sigmoid = Sigmoid()
    tanh = Tanh()
    relu = ReLU()
"""
SOFTMAX = "[[0.2689, 0.7311], [0.2689, 0.7311], [0.2689, 0.7311], [0.2689, 0.7311]]"
CROSS_ENTROPY = Step(
    "L of cross-entropy", "entropy.forward(A, Y)", "-sum(Y * log_softmax(A)) / len(A)", "0.8133"
)
PROBABILITIES = Step("its softmax", "entropy.softmax", "softmax(A)", SOFTMAX, var="P")
LOSS = "-sum(Y * log_softmax(A @ W.T + b.T)) / len(A)"
LABELS = "[[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]"
SMALL = {"A": A, "W": "[[0.3, -0.1], [0, 0.2], [-0.2, 0.1]]", "b": "[[-0.1], [0], [0.1]]",
         "Y": LABELS}  # fmt: skip


def chain(course: str, gradient: str, averaged: str) -> Section:
    """A loss and a linear layer: wherever the mean is, `dLdW` is the gradient of the mean loss."""
    return Section(
        "9",
        "Where the mean is: a loss and a linear layer",
        (
            Step("Z", "linear.forward(A)", "A @ W.T + b.T"),
            Step("L", "entropy.forward(Z, Y)", LOSS, "1.2094"),
            Step("dLdZ", "entropy.backward()", averaged, gradient),
            Step("dLdW", "linear.dLdW", f"slope(lambda W: {LOSS}, W)",
                 "[[0.4207, 0.1406], [-0.1182, -0.0403], [-0.3025, -0.1003]]",
                 first="linear.backward(dLdZ)", noise=1e-8,
                 remark="by finite differences of the mean loss"),
            Step("dLdb", "linear.dLdb", f"slope(lambda b: {LOSS}, b)",
                 "[[-0.2802], [0.0780], [0.2022]]", noise=1e-8,
                 remark="by finite differences of the mean loss"),
        ),
        given=SMALL,
        made=MAKE_LINEAR + "    entropy = CrossEntropyLoss()\n",
        course=course,
    )  # fmt: skip


def sgd(course: str) -> tuple[Section, ...]:
    """Two steps of one layer, all of whose weights are 1 and whose gradients are 0.1."""
    found = []
    for title, momentum, second in (
        ("SGD without momentum", "0", "0.82"),
        ("SGD with momentum", "0.9", "0.739"),
    ):
        take = "linear.dLdW, linear.dLdb = dLdW.copy(), dLdb.copy(); optimizer.step()"
        steps = [
            Step(f"{name}, step 1", f"linear.{name}", f"{name} - 0.9 * dLd{name}",
                 _all("0.91", shape), first=take if name == "W" else "", var=f"{name}1", noise=1e-7)
            for name, shape in (("W", (3, 2)), ("b", (3, 1)))
        ] + [
            Step(f"{name}, step 2", f"linear.{name}",
                 f"{name}1 - 0.9 * ({momentum} * dLd{name} + dLd{name})",
                 _all(second, shape), first=take if name == "W" else "", noise=1e-7)
            for name, shape in (("W", (3, 2)), ("b", (3, 1)))
        ]  # fmt: skip
        found.append(
            Section(
                "7",
                title,
                tuple(steps),
                given={"W": _all("1", (3, 2)), "b": _all("1", (3, 1)),
                       "dLdW": _all("0.1", (3, 2)), "dLdb": _all("0.1", (3, 1))},
                made="linear = Linear(2, 3)\nlinear.W, linear.b = W.copy(), b.copy()\n"
                f"optimizer = SGD(model_of(linear), lr=0.9, momentum={momentum})",
                key=f"{course} 7 {momentum}",
                course=course,
            )
        )  # fmt: skip
    return tuple(found)


def _all(number: str, shape: tuple[int, int]) -> str:
    row = "[" + ", ".join([number] * shape[1]) + "]"
    return "[" + ", ".join([row] * shape[0]) + "]"


ROOT = "sqrt(V + 1e-8)"
TRAINING = (
    Step("M", "norm.M", "sum(Z, 0, keepdims=True) / 4", "[[4, 2]]", first="norm.forward(Z)"),
    Step("V", "norm.V", "sum((Z - M) ** 2, 0, keepdims=True) / 4", "[[9, 4]]"),
    Step("NZ", "norm.NZ", f"(Z - M) / {ROOT}", "[[-1, 1], [1, -1], [-1, -1], [1, 1]]"),
    Step("BZ", "norm.BZ", "BW * NZ + Bb", "[[-3, 7], [1, -3], [-3, -3], [1, 7]]"),
    Step("running_M", "norm.running_M", "0.9 * 0 + 0.1 * M", "[[0.4, 0.2]]"),
    Step("running_V", "norm.running_V", "0.9 * 1 + 0.1 * V", "[[1.8, 1.3]]"),
    Step("dLdZ", "norm.backward(dLdBZ)",
         f"BW / 4 / {ROOT} * (4 * dLdBZ - sum(dLdBZ, 0) - NZ * sum(dLdBZ * NZ, 0))",
         "[[2, 0], [-2, -5], [-2, 5], [2, 0]]", noise=1e-6,
         remark="the numbers 0 here are about 1e-8, as eps is in the root"),
    Step("dLdBW", "norm.dLdBW", "sum(dLdBZ * NZ, 0, keepdims=True)", "[[0, -32]]", noise=1e-12),
    Step("dLdBb", "norm.dLdBb", "sum(dLdBZ, 0, keepdims=True)", "[[-36, 40]]"),
)  # fmt: skip
BATCH = {"Z": "[[1, 4], [7, 0], [1, 0], [7, 4]]", "BW": "[[2, 5]]", "Bb": "[[-1, 2]]",
         "dLdBZ": "[[-6, 2], [-12, 16], [-12, 20], [-6, 2]]"}  # fmt: skip
MAKE_NORM = "norm = BatchNorm1d(2)\nnorm.BW, norm.Bb = BW.copy(), Bb.copy()"


def batchnorm(course: str) -> tuple[Section, ...]:
    """Training and its gradients, and evaluation before anything was learned."""
    evaluated = Step("BZ", "norm.forward(Z, eval=True)", "BW * (Z - 0) / sqrt(1 + 1e-8) + Bb",
                     "[[1, 22], [13, 2], [1, 2], [13, 22]]")  # fmt: skip
    return (
        Section("8", "Batch norm, training", TRAINING, given=BATCH, made=MAKE_NORM,
                key=f"{course} 8 training", course=course),
        Section("8", "Batch norm, evaluation of a new layer", (evaluated,), given=BATCH,
                made=MAKE_NORM, key=f"{course} 8 evaluation", course=course),
    )  # fmt: skip
