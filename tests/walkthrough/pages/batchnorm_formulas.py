"""001 §4.1 and §4.2: batch norm as formulas, and the page's code for its backward pass."""

from __future__ import annotations

from tests.walkthrough.pages.normalization import (
    D_MU,
    D_VAR,
    INPUT,
    MU,
    ROOT,
    VAR,
    at_any_mu,
    on_batch,
    output_gradients,
)
from tests.walkthrough.steps import claimed

FORWARD_001 = (
    claimed(
        "u_B", "sum(x, 0, keepdims=True) / m", "bn.mean", remark="B and m: both the batch size"
    ),
    claimed("σ²_B", "sum((x - mu) ** 2, 0, keepdims=True) / m", "bn.var"),
    claimed("x̂_i", "(x - mu) / sqrt(var + eps)", "bn.norm"),
    claimed("y_i", "gamma * xhat + beta", "bn.out"),
    claimed("running_mean", "0.9 * 0 + (1 - 0.9) * mu", "bn.running_mean"),
    claimed("running_var", "0.9 * 1 + (1 - 0.9) * var", "bn.running_var"),
)
BACKWARD_001 = (
    *output_gradients("∂l/∂β", "∂l/∂x̂_i", "∂l/∂γ"),
    claimed("∂l/∂σ²_B", VAR, D_VAR),
    claimed(
        "∂l/∂x_i",
        f"dxhat * -1 / {ROOT} + dvar * -2 * (x - mu) / m + dmu / m",
        "bn.backward(dy)",
        INPUT,
        "two signs are wrong, +1 / sqrt and +2 (x - mu) / m; the code below has them right",
        says="∂l/∂x̂_i * -1/√ + ∂l/∂σ² * -2(x_i - μ)/m + ∂l/∂μ / m",
        means="∂l/∂x̂_i * 1/√ + ∂l/∂σ² * 2(x_i - μ)/m + ∂l/∂μ / m",
    ),
    claimed("gradVar", f"-.5 * sum((dxhat * (x - mu)) / {ROOT} ** 3, 0, keepdims=True)", D_VAR),
    claimed("dx", f"dxhat / {ROOT} + dvar * (2 / m) * (x - mu) + dmu * (1 / m)", "bn.backward(dy)"),
    claimed(
        "gamma", "gamma - 0.1 * sum(dy * xhat, 0, keepdims=True)", "bn.gamma - 0.1 * bn.dgamma"
    ),
    claimed("beta", "beta - 0.1 * sum(dy, 0, keepdims=True)", "bn.beta - 0.1 * bn.dbeta"),
)

ANY_MU_001 = (
    claimed("∂l/∂μ_B", MU, D_MU),
    claimed(
        "gradMu",
        f"-sum(dxhat / {ROOT}, 0, keepdims=True) - (2 / m) * dvar * sum(x - mu, 0, keepdims=True)",
        D_MU,
    ),
)

SECTIONS = (
    on_batch("4.1", "Batch norm forward as formulas", FORWARD_001, "4.1 formulas"),
    on_batch("4.2", "Batch norm backward as formulas and as code", BACKWARD_001, "4.2 formulas"),
    at_any_mu("4.2", "The gradient of the mean", ANY_MU_001),
)
