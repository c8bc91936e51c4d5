"""003, questions 1.1 and 3.2: the modules of an MLP, and batch norm."""

from __future__ import annotations

from tests.walkthrough.pages.normalization import (
    BACKWARD,
    BETA,
    D_MU,
    D_VAR,
    D_XHAT,
    GAMMA,
    ROOT,
    VAR,
    on_batch,
)
from tests.walkthrough.steps import Section, Step, claimed

# Columns, as 003 has them: x̃ = W x + b. `z` stands for x̃.
COLUMNS = {
    "z": "[[0.5], [-1], [2]]",
    "t": "[[0], [1], [0]]",
    "x": "[[0.4], [1.5], [-0.7]]",
    "W": "[[0.2, -0.5, 1], [0.7, 0.1, -0.3], [-0.4, 0.6, 0.8]]",
    "W_next": "[[1, 0.3, -0.2], [-0.6, 0.9, 0.5], [0.1, -0.7, 0.4]]",
    "b": "[[0.1], [0.2], [-0.3]]",
    "g": "[[1], [-2], [0.5]]",
    "a": "0.01",
}
SOFTMAX = (
    Step("S", "softmax.forward(z.T).T", "softmax(z.T).T"),
    Step("J", "softmax.derivative()[0]", "diag(S[:, 0]) - S @ S.T"),
)
OPERATOR = "the operator ∂/∂x̃_j still stands in front of what is differentiated already"
ONE_UNIT = "only {} has a gradient: a factor (1 if {} else 0) is missing"
PAGE_A = (
    claimed("LeakyReLU", "maximum(0, z) + a * minimum(0, z)", "LeakyReLU(float(a)).forward(z)"),
    claimed("∂L/∂x_i", "-t / S", "gradient('-t * s.log()', s=S, t=t)"),
    claimed(
        "i = j, lines 2 to 4",
        "S * (1 - S) * (1 - 2 * S)",
        "np.diag(J)[:, None]",
        "S * (1 - S)",
        OPERATOR,
        says="∂/∂x̃_j (S_i (Σ - exp(x̃_j)) / Σ)",
        means="S_i (Σ - exp(x̃_j)) / Σ",
    ),
    claimed("i = j", "S * (1 - S)", "np.diag(J)[:, None]"),
    claimed(
        "i ≠ j, lines 2 and 3",
        "S[0] * S[1] * (2 * S[1] - 1)",
        "J[0, 1:2]",
        "-S[0] * S[1]",
        OPERATOR,
        says="∂/∂x̃_j (-S_i S_j)",
        means="-S_i S_j",
    ),
    claimed("i ≠ j", "-S[0] * S[1]", "J[0, 1:2]"),
    claimed(
        "LeakyReLU'",
        "where(z >= 0, 1, a)",
        "leaky.derivative()",
        remark="at 0, where there is no derivative, the library takes a",
    )._replace(first="leaky = LeakyReLU(float(a)); leaky.forward(z)"),
    claimed(
        "x̃_i",
        "sum(W, 0)[:, None] * x + sum(b)",
        "Linear(3, 3, in_turn(W.T), in_turn(b.T)).forward(x.T).T",
        "W @ x + b",
        "the sum runs over m, but x and b do not: the root of what is wrong below",
        says="Σ_m W_mi x_i + b_m",
        means="Σ_m W_im x_m + b_i",
    ),
    claimed(
        "∂x̃_i/∂x_j",
        "ones((3, 1)) * sum(W, 0)",
        "jacobian('W @ x + b', x=x, W=W, b=b)",
        "W",
        "x_j goes to x̃_i through one weight only",
        says="Σ_m W_mj",
        means="W_ij",
    ),
    claimed(
        "∂x̃_i/∂W_jk",
        "(ones((3, 3, 1)) * x[:, 0]).reshape(3, 9)",
        "jacobian('W @ x + b', W=W, x=x, b=b)",
        "(eye(3)[:, :, None] * x[:, 0]).reshape(3, 9)",
        ONE_UNIT.format("i = j", "i = j"),
        says="x_k",
        means="x_k if i = j else 0",
    ),
    claimed(
        "∂x̃_i/∂b_j",
        "ones((3, 3))",
        "jacobian('W @ x + b', b=b, x=x, W=W)",
        "eye(3)",
        ONE_UNIT.format("i = j", "i = j"),
        says="1",
        means="1 if i = j else 0",
    ),
)
BACK = "gradient('(W @ x + b) * g', {0}={0}, {1}={1}, {2}={2}, g=g)"
PAGE_B = (
    claimed(
        "∇x̃ of the softmax",
        "(diag(S[:, 0]) - S @ S.T).T @ g",
        "gradient('z.exp() / z.exp().sum() * g', z=z, g=g)",
    ),
    claimed("∂L/∂x̃_i, hidden", "g * where(z >= 0, 1, a)", "leaky.backward(g)")._replace(
        first="leaky = LeakyReLU(float(a)); leaky.forward(z)"
    ),
    claimed(
        "∇x̃, hidden, as a vector",
        "where(z >= 0, 1, a).T @ g",
        "leaky.backward(g)",
        "where(z >= 0, 1, a) * g",
        "a row times a column is one number; the product has to be taken entry by entry",
        says="[slopes]^T · ∇x(L)",
        means="[slopes] * ∇x(L)",
    ),
    claimed(
        "∂L/∂x_i",
        "ones((3, 1)) * sum(g.T * sum(W, 0))",
        BACK.format("x", "W", "b"),
        "sum(W * g, 0)[:, None]",
        "the sum Σ_m of question a again, now with the index of x̃; and layer l + 1 has its own W",
        says="Σ_j ∂L/∂x̃_j^(l+1) Σ_m W_mj^(l)",
        means="Σ_j ∂L/∂x̃_j^(l+1) W_ji^(l+1)",
    ),
    claimed(
        "∇x(L)",
        "W.T @ g",
        "gradient('(W_next @ x) * g', x=x, W_next=W_next, g=g)",
        "W_next.T @ g",
        "layer l + 1 multiplies x of layer l by its own weights",
        says="(W^(l))^T ∇x̃^(l+1)(L)",
        means="(W^(l+1))^T ∇x̃^(l+1)(L)",
    ),
    claimed(
        "∂L/∂W_ij",
        "ones((3, 3)) * sum(g * x)",
        BACK.format("W", "x", "b"),
        "outer(g, x)",
        "W_ij reaches x̃_i only, and is multiplied by x_j: no sum is left",
        says="Σ_j ∂L/∂x̃_j x_j",
        means="∂L/∂x̃_i x_j",
    ),
    claimed(
        "∇W(L)",
        "x.T @ g",
        BACK.format("W", "x", "b"),
        "g @ x.T",
        "the factors stand the wrong way round for columns: one number, if the widths fit at all",
        says="(x^(l-1))^T · ∇x̃(L)",
        means="∇x̃(L) · (x^(l-1))^T",
    ),
    claimed("∇b(L)", "g", BACK.format("b", "x", "W")),
)
PAGE_C = (
    claimed(
        "∇b(L) of a batch",
        "sum(G, 0, keepdims=True)",
        "gradient('(X @ W + b) * G', b=b.T, X=X, W=W, G=G)",
    ),
)

MIXED = "the sum over the features i does not belong there: only i = j has a gradient"
PAGE_003 = (
    claimed("∂L/∂γ_j", "sum(dy * xhat) + 0 * gamma", "bn.dgamma", GAMMA, MIXED)._replace(
        first=BACKWARD, says="Σ_s Σ_i ∂L/∂y_i x̂_i", means="Σ_s ∂L/∂y_j x̂_j"
    ),
    claimed(
        "∇γ(L)",
        "xhat.T @ sum(dy, 0)",
        "bn.dgamma",
        GAMMA,
        "the matrices do not fit: the sum over s has to come after the product with x̂; above it "
        "x stands for x̂, and x_2^2 for x̂_2^1",
        says="(x̂)^T Σ_s ∇y(L)",
        means="Σ_s x̂ * ∇y(L)",
    )._replace(first=BACKWARD),
    claimed("∂L/∂β_j", "sum(dy) + 0 * beta", "bn.dbeta", BETA, MIXED)._replace(
        first=BACKWARD, says="Σ_s Σ_i ∂L/∂y_i", means="Σ_s ∂L/∂y_j"
    ),
    claimed("∇β(L)", BETA, "bn.dbeta")._replace(first=BACKWARD),
    claimed(
        "∂L/∂x̂_j",
        "sum(dy) * gamma + 0 * x",
        D_XHAT,
        "dy * gamma",
        "neither sum belongs there: x̂_j of one row reaches y_j of that row only",
        says="Σ_s Σ_i ∂L/∂y_i γ_j",
        means="∂L/∂y_j γ_j",
    ),
    claimed(
        "∂L/∂σ²_j",
        "sum(dxhat) * (-1 / 2 * sum(x - mu, 0, keepdims=True) * (var + eps) ** (-3 / 2))",
        D_VAR,
        VAR,
        "two sums multiplied, which is always 0; the products have to be summed, and over s only",
        says="Σ_s Σ_i ∂L/∂x̂_i (-½ Σ_s (x_j - μ_j) (σ²_j + ε)^-3/2)",
        means="Σ_s ∂L/∂x̂_j * -½ (x_j - μ_j) (σ²_j + ε)^-3/2",
    ),
    claimed(
        "∂L/∂μ_j",
        f"sum(dxhat) * -1 / {ROOT}",
        D_MU,
        f"-sum(dxhat, 0, keepdims=True) / {ROOT}",
        MIXED,
        says="Σ_s Σ_i ∂L/∂x̂_i (-1/√)",
        means="Σ_s ∂L/∂x̂_j (-1/√)",
    ),
    claimed(
        "∂L/∂x_j, third line",
        f"sum(dxhat) / {ROOT} + sum(dmu) + sum(dvar) * 2 * sum(x - mu, 0) / m + 0 * x",
        "bn.backward(dy)",
        f"dxhat / {ROOT} + dmu / m + dvar * 2 * (x - mu) / m",
        "neither sum belongs there, and x_j is that of row r, not s",
        says="Σ_s Σ_i ∂L/∂x̂_i 1/√ + ∂L/∂μ_i 1/B + ∂L/∂σ²_i 2(x_j^s - μ_j)/B",
        means="∂L/∂x̂_j 1/√ + ∂L/∂μ_j 1/B + ∂L/∂σ²_j 2(x_j^r - μ_j)/B",
    ),
    claimed(
        "∂L/∂x_j, fifth line",
        f"sum(dxhat) / {ROOT} - sum(dxhat / {ROOT}) / m - "
        f"sum(sum(dxhat * (x - mu) / (var + eps), 1) * (x - mu).T, 1) / {ROOT} / m + 0 * x",
        "bn.backward(dy)",
        f"dxhat / {ROOT} - sum(dxhat, 0) / {ROOT} / m - xhat * sum(dxhat * xhat, 0) / {ROOT} / m",
        "as in the third line, and x_j - μ_j is divided by the σ of feature i",
        says="Σ_s Σ_i ∂L/∂x̂_i (1/√ - 1/B 1/√_i - 1/B 1/√ (x_i - μ_i)/√_i (x_j - μ_j)/√_i)",
        means="∂L/∂x̂_j 1/√ - 1/B Σ_s ∂L/∂x̂_j (1/√ + 1/√ (x_j^s - μ_j)/√ (x_j^r - μ_j)/√)",
    ),
    claimed(
        "∂L/∂x_j",
        f"1 / m / {ROOT} * (sum(dxhat * m) - sum(dxhat) - "
        "sum(sum(dxhat * xhat, 1) * xhat.T, 1)) + 0 * x",
        "bn.backward(dy)",
        f"1 / m / {ROOT} * (m * dxhat - sum(dxhat, 0) - xhat * sum(dxhat * xhat, 0))",
        "B ∂L/∂x̂_j takes no sum, the others only that over s; the last x̂_j is that of row r",
        says="1/B 1/√ (Σ_s Σ_i B ∂L/∂x̂_i - ∂L/∂x̂_i - ∂L/∂x̂_i x̂_i x̂_j)",
        means="1/B 1/√ (B ∂L/∂x̂_j - Σ_s ∂L/∂x̂_j - x̂_j Σ_s ∂L/∂x̂_j x̂_j)",
    ),
    claimed(
        "∂L/∂x_j with γ",
        f"1 / m / {ROOT} * (sum(dy * m) * gamma - sum(dy) * gamma - "
        "sum(sum(dy * xhat, 1) * xhat.T, 1) * gamma) + 0 * x",
        "bn.backward(dy)",
        f"gamma / m / {ROOT} * (m * dy - sum(dy, 0) - xhat * sum(dy * xhat, 0))",
        "the same sums, and γ_i inside a sum over i became γ_j",
        says="1/B 1/√ (Σ_s Σ_i B γ_j ∂L/∂y_i - γ_j ∂L/∂y_i - γ_j ∂L/∂y_i x̂_i x̂_j)",
        means="γ_j/B 1/√ (B ∂L/∂y_j - Σ_s ∂L/∂y_j - x̂_j Σ_s ∂L/∂y_j x̂_j)",
    ),
)

SECTIONS = (
    Section(
        "003 1.1",
        "The gradients of each module, question a",
        (*SOFTMAX, *PAGE_A),
        given=COLUMNS,
        made="softmax = Softmax()",
        key="003 1.1 a",
    ),
    Section(
        "003 1.1",
        "Backpropagation, question b",
        (*SOFTMAX, *PAGE_B),
        given=COLUMNS,
        made="softmax = Softmax()",
        key="003 1.1 b",
    ),
    Section(
        "003 1.1",
        "A batch, question c",
        PAGE_C,
        given={
            **COLUMNS,
            "X": "[[0.5, -1, 2], [1.5, 0.3, -0.7]]",
            "G": "[[1, -2, 0.5], [-0.3, 0.8, 1.2]]",
        },
        key="003 1.1 c",
    ),
    on_batch("003 3.2", "Batch norm backward, question a", PAGE_003),
)
