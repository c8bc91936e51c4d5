"""000, appendices A and B: softmax with cross-entropy, and batch norm."""

from __future__ import annotations

from tests.walkthrough.pages.normalization import (
    BACKWARD,
    BETA,
    D_MU,
    D_VAR,
    GAMMA,
    INPUT,
    ROOT,
    VAR,
    at_any_mu,
    on_batch,
    output_gradients,
)
from tests.walkthrough.steps import Section, claimed

LOSS = "gradient('-y * (x.exp() / x.exp().sum()).log()', x=x, y=y)"
ENTROPY = (
    claimed("σ(x_j)", "exp(x) / sum(exp(x))", "Softmax().forward(x)"),
    claimed("Σ σ(x_j)", "1.0", "Softmax().forward(x).sum()"),
    claimed("CE", "sum(y * log(1 / q), 1)", "CrossEntropy().forward(q, y)"),
    claimed("CE, second form", "-sum(y * log(q), 1)", "CrossEntropy().forward(q, y)"),
    claimed("H", "sum(p * log(1 / p), 1)", "CrossEntropy().forward(p, p)"),
    claimed("H, second form", "-sum(p * log(p), 1)", "CrossEntropy().forward(p, p)"),
    claimed("L", "-sum(y * log(exp(x) / sum(exp(x))), 1)", "SoftmaxCrossEntropy().forward(x, y)"),
    claimed(
        "L, sums apart",
        "sum(-y * x, 1) + sum(y * log(sum(exp(x))), 1)",
        "SoftmaxCrossEntropy().forward(x, y)",
    ),
    claimed(
        "the one term",
        "ones(1)",
        "SoftmaxCrossEntropy().forward(x, y) + (x * y).sum(1)",
        "log(sum(exp(x), 1))",
        "it is y_i that is 1; the term is log Σ exp(x_k)",
        says="only one term of this sum will be 1",
        means="only one term of this sum is not 0",
    ),
    claimed(
        "L, one term of the sum",
        "sum(-y * x, 1) + log(sum(exp(x)))",
        "SoftmaxCrossEntropy().forward(x, y)",
        remark="true for every y that sums to 1",
    ),
    claimed("∂L/∂x_j", "-y + 1 / sum(exp(x)) * exp(x)", LOSS),
    claimed("∂L/∂x_j, last line", "softmax(x) - y", LOSS),
)

FIRST = "-sum(dxhat * (var + eps) ** (-1 / 2), 0, keepdims=True)"
PAGE_000_ANY_MU = (
    claimed("(8)-(10)", VAR, D_VAR),
    claimed(
        "(12)-(16)",
        "-(var + eps) ** (-1 / 2)"
        " - 1 / 2 * (x - mu) * (var + eps) ** (-3 / 2) * (-2 / m * sum(x - mu, 0))",
        "jacobian('(x - mu) / (((x - mu) ** 2).mean(0, True) + eps) ** 0.5', "
        "mu=mu, x=x, eps=eps).reshape(4, 3, 3).sum(2)",
    ),
    claimed(
        "(17)",
        f"{FIRST} * dvar * (-2 / m * sum(x - mu, 0, keepdims=True))",
        D_MU,
        f"{FIRST} + dvar * (-2 / m * sum(x - mu, 0, keepdims=True))",
        "the plus between the two terms is missing, so they are multiplied",
        says="-Σ ∂L/∂x̂_i (σ² + ε)^-½ [∂L/∂σ²] (-2/m Σ(x_i - μ))",
        means="-Σ ∂L/∂x̂_i (σ² + ε)^-½ + [∂L/∂σ²] (-2/m Σ(x_i - μ))",
    ),
    claimed("after (17)", f"{FIRST} + dvar * (-2 / m * sum(x - mu, 0, keepdims=True))", D_MU),
    claimed(
        "after (17), second line", f"{FIRST} - 2 / m * dvar * sum(x - mu, 0, keepdims=True)", D_MU
    ),
)
OWN_ROW = "the row's own path only; through mean and variance it reaches all rows, as (21) has it"
OWN_PATH = f"dxhat * (1 - 1 / m - xhat ** 2 / m) / {ROOT}"
PAGE_000 = (
    claimed("(1)", "sum(x, 0, keepdims=True) / m", "bn.mean"),
    claimed("(2)", "sum((x - mu) ** 2, 0, keepdims=True) / m", "bn.var"),
    claimed("(3)", "(x - mu) / sqrt(var + eps)", "bn.norm"),
    claimed("(4)", "gamma * xhat + beta", "bn.out"),
    *output_gradients("(6)", "(5)", "(7)"),
    *(
        claimed(
            number,
            OWN_PATH,
            "bn.backward(dy)",
            INPUT,
            OWN_ROW,
            says=says,
            means="∂L/∂x̂_i ∂x̂_i/∂x_i + ∂L/∂σ² ∂σ²/∂x_i + ∂L/∂μ ∂μ/∂x_i",
        )
        for number, says in (
            ("(18)", "∂L/∂x̂_i ∂x̂_i/∂x_i"),
            ("(19)", "∂L/∂x̂_i [∂x̂_i/∂x_i + ∂x̂_i/∂σ² ∂σ²/∂x_i + ∂x̂_i/∂μ ∂μ/∂x_i]"),
            ("(20)", "∂L/∂x̂_i ∂x̂_i/∂x_i + ∂L/∂x̂_i ∂x̂_i/∂σ² ∂σ²/∂x_i + ..."),
        )
    ),
    claimed("(21)-(27)", INPUT, "bn.backward(dy)"),
    claimed("(30)", "sum((x - mu) ** 2, 0, keepdims=True) / m", "bn.var"),
    claimed("(31)", "(x - mu) / sqrt(var + eps)", "bn.norm"),
    *output_gradients("(33)", "(32)", "(34)", remark="v stands for y on the page"),
    claimed(
        "last line, ∂L/∂β",
        GAMMA,
        "bn.dbeta",
        BETA,
        "it gives ∂L/∂β the formula of ∂L/∂γ",
        says="∂L/∂β = Σ ∂L/∂y_i x̂_i",
        means="∂L/∂β = Σ ∂L/∂y_i",
    )._replace(first=BACKWARD),
)

SECTIONS = (
    Section(
        "000 A",
        "Softmax and cross-entropy",
        ENTROPY,
        given={
            "x": "[[0.5, -1, 2]]",
            "y": "[[0, 1, 0]]",
            "q": "[[0.2, 0.3, 0.5]]",
            "p": "[[0.1, 0.6, 0.3]]",
        },
    ),
    on_batch("000 B", "Batch norm", PAGE_000),
    at_any_mu("000 B", "Batch norm's gradients for any mu", PAGE_000_ANY_MU),
)
