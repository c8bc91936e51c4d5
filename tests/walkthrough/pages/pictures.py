"""The layers of 003's ConvNet, question 4: a convolution and a maximum on a picture of 3x3.

003 prints no derivation of them. What is claimed here are the formulas of `convolution.py` and
`pooling.py`, for every pixel by itself, once by the layer and once in NumPy.
"""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed

CORNERS = ("[:2, :2]", "[:2, 1:]", "[1:, :2]", "[1:, 1:]")
"""Where the pixel 00, 01, 10, 11 of a window of 2x2 stands, for all four windows."""

WINDOWS = "array([" + ", ".join(f"x{corner}.reshape(-1)" for corner in CORNERS) + "]).T"
SCATTERED = (
    "array([[q[0, 0], q[0, 1] + q[1, 0], q[1, 1]], "
    "[q[0, 2] + q[2, 0], q[0, 3] + q[1, 2] + q[2, 1] + q[3, 0], q[1, 3] + q[3, 1]], "
    "[q[2, 2], q[2, 3] + q[3, 2], q[3, 3]]])"
)
FORWARD = "conv.forward(x.reshape(1, 1, 3, 3))"
BACKWARD = f"{FORWARD}; back = conv.backward(dy.reshape(1, 1, 2, 2))"

CONVOLUTION = (
    Step("G", "conv.way.G", WINDOWS, first=FORWARD),
    claimed("Y = G M + b", "(G @ W.reshape(-1)).reshape(2, 2) + b", f"{FORWARD}.reshape(2, 2)"),
    claimed(
        "Y, pixel by pixel",
        " + ".join(f"W[{k // 2}, {k % 2}] * x{corner}" for k, corner in enumerate(CORNERS))
        + " + b",
        f"{FORWARD}.reshape(2, 2)",
    ),
    claimed("dM = G^T dY", "(G.T @ dy.reshape(-1)).reshape(2, 2)", "conv.dW[0, 0]")._replace(
        first=BACKWARD
    ),
    claimed(
        "dM, each weight by itself",
        "array([" + ", ".join(f"sum(dy * x{corner})" for corner in CORNERS) + "]).reshape(2, 2)",
        "conv.dW[0, 0]",
    )._replace(first=BACKWARD),
    claimed("db = 1 dY", "sum(dy)", "conv.db.sum()")._replace(first=BACKWARD),
    Step("q", "outer(dy.reshape(-1), W.reshape(-1))", "outer(dy.reshape(-1), W.reshape(-1))"),
    claimed("dX = scatter(dY M^T)", SCATTERED, "back.reshape(3, 3)")._replace(first=BACKWARD),
)
POOL = "pool.forward(x.reshape(1, 1, 3, 3))"
POOLING = (
    claimed(
        "Y",
        "maximum(maximum(x[:2, :2], x[:2, 1:]), maximum(x[1:, :2], x[1:, 1:]))",
        f"{POOL}.reshape(2, 2)",
    ),
    claimed(
        "dX, to the first maximum",
        "array([[0, dy[0, 1], 0], [dy[0, 0] + dy[1, 0], 0, dy[1, 1]], [0, 0, 0]])",
        "pool.backward(dy.reshape(1, 1, 2, 2)).reshape(3, 3)",
        remark="the 4 stands twice in the last window, and the first one has its gradient",
    )._replace(first=POOL),
)

SECTIONS = (
    Section(
        "003 4",
        "A convolution, forward and backward",
        CONVOLUTION,
        given={
            "x": "[[1, -2, 0.5], [3, 0.2, -1], [0.7, 2, 1.5]]",
            "W": "[[0.5, -1], [2, 0.3]]",
            "b": "[[0.1]]",
            "dy": "[[1, -0.5], [0.2, 2]]",
        },
        made="""
            conv = Conv2d(1, 1, 2)
            conv.W, conv.b = W.reshape(1, 1, 2, 2), b
        """,
        key="003 4 a",
    ),
    Section(
        "003 4",
        "Max pooling, forward and backward",
        POOLING,
        given={
            "x": "[[1, 5, 0.5], [6, 0.2, 4], [0.7, 4, 1.5]]",
            "dy": "[[1, -0.5], [0.2, 2]]",
        },
        made="pool = MaxPool2d(2, 1)",
        key="003 4 b",
    ),
)
