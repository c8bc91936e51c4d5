"""What the four derivations of batch norm share: 001 §4, 000 appendix B, 003 §3.2 and 004.

Names: `dy`, `dxhat`, `dvar`, `dmu` and `dx` are the loss's
gradients for the output, the normalised input, the variance, the mean and the input; `m` rows.
What is on the way to `dx` is differentiated automatically from the loss itself.
"""

from __future__ import annotations

from tests.walkthrough.steps import Section, Step, claimed

GIVEN = {
    "x": "[[0.5, -1, 2], [1.5, 0.3, -0.7], [-0.2, 2.2, 0.4], [0.9, -0.6, 1.1]]",
    "dy": "[[1, -2, 0.5], [-0.3, 0.8, 1.2], [0.7, -1.1, -0.4], [2, 0.6, -1.5]]",
    "gamma": "[[0.8, -1.3, 1.7]]",
    "beta": "[[0.1, -0.2, 0.3]]",
    "eps": "0.5",
    "m": "4",
}
MAKE = """
    bn = BatchNorm(3)
    bn.eps, bn.gamma, bn.beta = float(eps), gamma, beta
"""
FORWARD = "bn.forward(x)"
BACKWARD = "bn.forward(x); bn.backward(dy)"

# The loss as a function of one quantity at a time, for automatic differentiation.
D_XHAT = "gradient('(gamma * xhat + beta) * dy', xhat=xhat, gamma=gamma, beta=beta, dy=dy)"
D_VAR = "gradient('(x - mu) / (var + eps) ** 0.5 * g', var=var, x=x, mu=mu, eps=eps, g=dxhat)"
D_MU = (
    "gradient('(x - mu) / (((x - mu) ** 2).mean(0, True) + eps) ** 0.5 * g', "
    "mu=mu, x=x, eps=eps, g=dxhat)"
)

ROOT = "sqrt(var + eps)"
VAR = "sum(dxhat * (x - mu), 0, keepdims=True) * -1 / 2 * (var + eps) ** (-3 / 2)"
MU = f"sum(dxhat * -1 / {ROOT}, 0, keepdims=True) + dvar * sum(-2 * (x - mu), 0, keepdims=True) / m"
INPUT = f"dxhat / {ROOT} + dvar * 2 * (x - mu) / m + dmu / m"
GAMMA = "sum(dy * xhat, 0, keepdims=True)"
BETA = "sum(dy, 0, keepdims=True)"

ON_THE_WAY = (
    Step("mu", "bn.mean", "x.mean(0, keepdims=True)", first=FORWARD),
    Step("var", "bn.var", "x.var(0, keepdims=True)"),
    Step("xhat", "bn.norm", f"(x - mu) / {ROOT}"),
    Step("dxhat", D_XHAT, "dy * gamma"),
    Step("dvar", D_VAR, VAR),
    Step("dmu", D_MU, MU),
)


def output_gradients(beta: str, normed: str, gamma: str, remark: str = "") -> tuple[Step, ...]:
    """The three gradients that every source has right, under its own names or numbers."""
    return (
        claimed(normed, "dy * gamma", D_XHAT, remark=remark),
        claimed(beta, BETA, "bn.dbeta")._replace(first=BACKWARD),
        claimed(gamma, GAMMA, "bn.dgamma")._replace(first=BACKWARD),
    )


def on_batch(number: str, title: str, steps: tuple[Step, ...], key: str = "") -> Section:
    """Formulas at the batch's own mean and variance."""
    return Section(number, title, (*ON_THE_WAY, *steps), given=GIVEN, made=MAKE, key=key)


# 000's (8) to (17) hold for any mu, so they are checked at one that is not the mean: there
# sum(x - mu) is not 0, and no term hides behind it.
ANY_MU = (
    Step("var", "((x - mu) ** 2).mean(0, keepdims=True)", "((x - mu) ** 2).mean(0, keepdims=True)"),
    Step("dxhat", "dy * gamma", "dy * gamma"),
    Step("dvar", D_VAR, VAR),
)


def at_any_mu(number: str, title: str, steps: tuple[Step, ...]) -> Section:
    """Formulas at a `mu` that is not the batch's mean."""
    given = {**GIVEN, "mu": "[[0.3, -0.2, 0.5]]"}
    return Section(number, title, (*ANY_MU, *steps), given=given, made=MAKE, key=f"{number} any mu")
