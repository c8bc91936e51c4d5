"""004: the closed form of batch norm's backward pass."""

from __future__ import annotations

from tests.walkthrough.pages.normalization import (
    D_MU,
    D_VAR,
    INPUT,
    ROOT,
    VAR,
    on_batch,
    output_gradients,
)
from tests.walkthrough.steps import claimed

CENTRED = "x̂ stands where x belongs"
XHAT = "(x - mu) / (var + eps) ** 0.5"
D_OUT = "gradient('gamma * xhat + beta', xhat=xhat, gamma=gamma, beta=beta)"
D_XHAT_X = f"gradient('{XHAT}', x=x, mu=mu, var=var, eps=eps)"
SLOPE = "-1 / 2 * (x - mu) * (var + eps) ** (-3 / 2)"
PAGE_004 = (
    claimed("x̂_i", "(x - mu) / sqrt(var + eps)", "bn.norm"),
    claimed("y", "gamma * xhat + beta", "bn.out"),
    claimed("∂y/∂x̂_i", "gamma + 0 * x", D_OUT),
    claimed("∂x̂_i/∂x_i", f"1 / {ROOT} + 0 * x", D_XHAT_X, remark="mu and σ² held"),
    claimed("∂μ/∂x_i", "1 / m + 0 * x", "gradient('x.mean(0)', x=x)"),
    claimed("∂σ²/∂x_i", "2 / m * (x - mu)", "gradient('((x - mu) ** 2).mean(0)', x=x, mu=mu)"),
    claimed(
        "∂x̂_i/∂σ²",
        f"({SLOPE}) * (xhat - mu) * (var + eps) ** (-3 / 2)",
        f"gradient('{XHAT}', var=var + 0 * x, x=x, mu=mu, eps=eps)",
        SLOPE,
        "it repeats itself as a factor where -1/2 belongs, and x̂ stands where x belongs",
        says="∂x̂_i/∂σ² (x̂_i - μ) (σ² + ε)^-3/2",
        means="-½ (x_i - μ) (σ² + ε)^-3/2",
    ),
    claimed(
        "σ²",
        "sum((xhat - mu) ** 2, 0, keepdims=True) / m",
        "bn.var",
        "sum((x - mu) ** 2, 0, keepdims=True) / m",
        CENTRED,
        says="1/m Σ(x̂_i - μ)²",
        means="1/m Σ(x_i - μ)²",
    ),
    claimed(
        "∂σ²/∂μ",
        "sum(-2 * (xhat - mu), 0, keepdims=True) / m",
        "gradient('((x - mu) ** 2).mean(0)', mu=mu, x=x)",
        "sum(-2 * (x - mu), 0, keepdims=True) / m",
        CENTRED,
        says="1/m Σ -2(x̂_i - μ)",
        means="1/m Σ -2(x_i - μ)",
    )._replace(noise=1e-12),
    claimed(
        "∂x̂_i/∂μ",
        f"-1 / {ROOT}",
        "gradient('(x - mu) / (var + eps) ** 0.5', mu=mu, x=x, var=var, eps=eps) / m",
    ),
    claimed(
        "∂l/∂σ² (1)",
        "-1 / 2 * sum((xhat - mu) * (var + eps) ** (-3 / 2), 0, keepdims=True)",
        D_VAR,
        VAR,
        "x̂ stands where x belongs, and the factor ∂l/∂x̂_i is left out of the sum",
        says="-½ Σ(x̂_i - μ) (σ² + ε)^-3/2",
        means="-½ Σ ∂l/∂x̂_i (x_i - μ) (σ² + ε)^-3/2",
    ),
    claimed(
        "∂l/∂μ, second and third line",
        f"sum(dxhat * -1 / {ROOT}, 0, keepdims=True) - 2 * dvar * (xhat.mean(0) - mu)",
        D_MU,
        f"sum(dxhat * -1 / {ROOT}, 0, keepdims=True) - 2 * dvar * (x.mean(0) - mu)",
        CENTRED,
        says="... + ∂l/∂σ² 1/m Σ -2(x̂_i - μ)",
        means="... + ∂l/∂σ² 1/m Σ -2(x_i - μ)",
    ),
    claimed(
        "∂l/∂μ, fourth line",
        f"sum(dxhat / {ROOT}, 0, keepdims=True) - 2 * dvar * (mu - mu * m / m)",
        D_MU,
        f"sum(dxhat * -1 / {ROOT}, 0, keepdims=True) - 2 * dvar * (mu - mu * m / m)",
        "the minus of -1 / sqrt is lost in this line; the next one has it again",
        says="Σ ∂l/∂x̂_i * 1/√ - 2 ∂l/∂σ² (μ - μ m/m)",
        means="Σ ∂l/∂x̂_i * -1/√ - 2 ∂l/∂σ² (μ - μ m/m)",
    ),
    claimed("∂l/∂μ (2)", f"sum(dxhat * -1 / {ROOT}, 0, keepdims=True)", D_MU),
    claimed(
        "∂l/∂x_i, required",
        "dxhat * (var + eps) ** (-1 / 2) + dmu / m",
        "bn.backward(dy)",
        INPUT,
        "the term of the variance, ∂l/∂σ² 2 (x - mu) / m, is left out",
        says="∂l/∂x̂_i * 1/√ + ∂l/∂μ / m",
        means="∂l/∂x̂_i * 1/√ + ∂l/∂σ² 2(x_i - μ)/m + ∂l/∂μ / m",
    ),
    claimed(
        "∂l/∂x_i, from (1) and (2)",
        f"dxhat / {ROOT} + dvar * 2 / m * (x - mu)",
        "bn.backward(dy)",
        INPUT,
        "the term of the mean, ∂l/∂μ / m, is left out",
        says="∂l/∂x̂_i * 1/√ + ∂l/∂σ² 2(x_i - μ)/m",
        means="∂l/∂x̂_i * 1/√ + ∂l/∂σ² 2(x_i - μ)/m + ∂l/∂μ / m",
    ),
    claimed(
        "∂l/∂x_i, both put in",
        f"dxhat / {ROOT} + sum(dxhat * -1 / {ROOT}, 0) / m"
        " - 1 / 2 * sum(dxhat * (x - mu) * (var + eps) ** (-1 / 2), 0) * 2 / m * (x - mu)",
        "bn.backward(dy)",
        f"dxhat / {ROOT} + sum(dxhat * -1 / {ROOT}, 0) / m"
        " - 1 / 2 * sum(dxhat * (x - mu) * (var + eps) ** (-3 / 2), 0) * 2 / m * (x - mu)",
        "the power of the variance's term is -3/2, not -1/2",
        says="... - ½ Σ ∂l/∂x̂_j (x_j - μ) (σ² + ε)^-½ * 2/m (x_i - μ)",
        means="... - ½ Σ ∂l/∂x̂_j (x_j - μ) (σ² + ε)^-3/2 * 2/m (x_i - μ)",
    ),
    claimed(
        "∂l/∂x_i, with x̂",
        f"dxhat / {ROOT} - sum(dxhat, 0) / {ROOT} / m + xhat * sum(dxhat * xhat, 0) / {ROOT} / m",
        "bn.backward(dy)",
        f"dxhat / {ROOT} - sum(dxhat, 0) / {ROOT} / m - xhat * sum(dxhat * xhat, 0) / {ROOT} / m",
        "the sign of the last term is minus; the next line has it right",
        says="... + 1/√ 1/m x̂_i Σ ∂l/∂x̂_j x̂_j",
        means="... - 1/√ 1/m x̂_i Σ ∂l/∂x̂_j x̂_j",
    ),
    claimed(
        "∂l/∂x_i, last line",
        f"1 / {ROOT} / m * (m * dxhat - sum(dxhat, 0) - xhat * sum(dxhat * xhat, 0))",
        "bn.backward(dy)",
    ),
    *output_gradients("∂l/∂β", "∂l/∂x̂_i", "∂l/∂γ", remark="the factor is γ, written like a δ"),
)

SECTIONS = (on_batch("004", "The closed form of batch norm's backward", PAGE_004),)
