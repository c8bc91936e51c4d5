"""The mistakes that the diagnosis knows, each with what to say about it.

The names are the switches of `model.py` and its neighbours.
"""

from __future__ import annotations

from tests.autograder.answering import FORMS
from tests.autograder.formulas import CRITERION, STEP

UNWRITTEN = frozenset(
    {
        "zero_grads does nothing",
        "step does nothing",
        "biases not updated",
        "momentum never accumulated",
        "gamma and beta not updated",
        "running statistics never updated",
        "running variance never updated",
        "no evaluation in the MLP",
    }
)
"""What is no mistake but work that was not done: it is never credited and accuses nobody."""

MISTAKES = {
    **CRITERION,
    # a linear layer
    "average missing": "the average over the batch is missing (001 §3.6)",
    "dW not averaged": "dW lacks the average over the batch, db has it (001 §3.6)",
    "db summed": "db is the sum over the batch; it is the mean, as dW is (001 §3.6)",
    "average applied twice": "the average over the batch is taken twice (001 §3.6)",
    "dx averaged": "the gradient for the input is divided by the batch size; only dW and db are "
    "averaged (001 §3.6)",
    "db not reduced": "db still has one row for each sample; average over axis 0 (001 §3.6)",
    "db is one number": "db is one number for all units; average over axis 0 only (001 §3.6)",
    "db is (n,)": "db has the shape (n,); (1, n) is asked for, so keepdims=True (001 §3.6)",
    "sign of the gradients": "dW and db have the wrong sign (001 §3.4)",
    "sign of dx": "the gradient for the input has the wrong sign (001 §3.4)",
    "dW transposed": "dW is transposed: it is x.T @ delta, with the shape of W (001 §3.4)",
    "W not transposed in dx": "the gradient for the input is delta @ W; it is delta @ W.T "
    "(001 §3.4)",
    "W transposed in forward": "forward takes x @ W.T; W is (in, out), so it is x @ W (001 §2.1.1)",
    "bias forgotten": "the bias is not added (001 §2.1.1)",
    "gradients accumulated": "dW and db are added to those of the batch before; backward "
    "overwrites them (000 §3)",
    **FORMS,
    # activations
    "state keeps the input": "state keeps the input; it keeps the output (000 §3.3)",
    "exponent with the wrong sign": "the exponent has the wrong sign: 1 / (1 + exp(-z)) "
    "(001 §2.1.2)",
    "derivative is the output": "the derivative is the output itself (001 §2.1.2)",
    "derivative left out": "the derivative is 1 everywhere, as the identity's (001 §2.1.2)",
    "derivative applied twice": "the derivative is squared (001 §2.1.2)",
    "derivative of the input": "the derivative is computed from the input; `state` keeps the "
    "output, and the formula is in terms of it (000 §3.3)",
    "derivative of the output again": "the derivative applies the activation once more, to its own "
    "output; the formula is in terms of the output itself (000 §3.3)",
    "derivative of another activation": "the derivative is that of another activation (001 §2.1.2)",
    "tanh not squared": "tanh' is 1 - tanh; it is 1 - tanh² (001 §2.1.2)",
    "ReLU'(0) = 1": "ReLU'(0) is 1; it is 0 (001 §2.1.2)",
    # the MLP
    "hiddens=[] crashes": "an MLP without hidden layers cannot be made or run (000 §3.2)",
    "delta reversed in the MLP": "backward starts from D - Y; it starts from the criterion's "
    "derivative, Y - D (001 §3.2.1)",
    "last activation not applied": "the last activation is not applied (000 §3.4)",
    "last activation's derivative left out": "the last activation's derivative is left out in "
    "backward (000 §3.4)",
    "activations in the wrong order": "the activations are applied in the wrong order (000 §3.4)",
    "activation's derivative left out in the MLP": "backward does not multiply by the "
    "activations' derivatives (001 §3.3)",
    "activation's derivative applied twice in the MLP": "backward multiplies twice by the "
    "activations' derivatives (001 §3.3)",
    "weights updated before they were propagated through": "backward updates the weights before "
    "the gradient has passed through them; step does that (001 §3.7)",
    "zero_grads does nothing": "zero_grads leaves the gradients as they are (000 §3)",
    "step does nothing": "step changes nothing (001 §3.7)",
    "biases not updated": "step leaves the biases as they are (001 §3.7)",
    # batch norm
    "variance unbiased": "the variance is divided by m - 1; batch norm divides by m (001 §4.1)",
    "eps of 1e-5": "eps is 1e-5; 1e-8 is asked for (000 §2.1)",
    "eps outside the root": "eps is added outside the root: sqrt(var + eps) (001 §4.1)",
    "square of the variance under the root": "the variance is squared under the root: "
    "sqrt(var + eps), as var is a square already (001 §4.1)",
    "root of the variance forgotten": "the norm divides by the variance, not by its root "
    "(001 §4.1)",
    "gamma and beta left out": "the output lacks gamma and beta (001 §4.1)",
    "gamma forgotten in dx": "dx lacks the factor gamma (001 §4.2)",
    "dgamma averaged": "dgamma is averaged over the batch; it is a sum (001 §4.2)",
    "dbeta averaged": "dbeta is averaged over the batch; it is a sum (001 §4.2)",
    "term of the mean missing in dx": "dx lacks the term that comes through the mean (001 §4.2)",
    "term of the variance missing in dx": "dx lacks the term that comes through the variance "
    "(001 §4.2)",
    "alpha on the wrong side": "alpha stands on the wrong side of the running statistics "
    "(001 §4.1, 002 §2.4)",
    "running statistics replaced": "the running statistics are those of the last batch; they "
    "are alpha * running + (1 - alpha) * batch (001 §4.1)",
    "running variance never updated": "the running variance is never updated (001 §4.1)",
    "running statistics never updated": "the running statistics are never updated (001 §4.1)",
    "running statistics updated in eval": "the running statistics change in evaluation; they only "
    "change in training (001 §4.3)",
    "running variance unbiased": "the running variance takes the unbiased variance; here it takes "
    "the same one as the norm (001 §4.1)",
    "gamma and beta left out in eval": "evaluation lacks gamma and beta (001 §4.3)",
    "eval with the statistics of the batch": "evaluation uses the statistics of its own batch; it "
    "uses the running ones (001 §4.3)",
    "eval with the last training batch": "evaluation uses the mean and variance of the last "
    "training batch; it uses the running ones (001 §4.3)",
    "batch norm after the activation": "batch norm comes after the activation; it comes between "
    "linear layer and activation (001 §4.1)",
    "training and evaluation exchanged in the MLP": "batch norm evaluates while the MLP trains, "
    "and trains while it evaluates: `eval` is True where train_mode is False (000 §3.5)",
    "no evaluation in the MLP": "evaluation gives what training does: after eval(), batch norm is "
    "called with eval=True (000 §3.5)",
    "gamma and beta not updated": "step does not update gamma and beta (001 §4.2)",
    # steps
    **STEP,
    "momentum of the biases missing": "the biases move without momentum (000 §3.6)",
    "momentum applied to gamma and beta": "gamma and beta move with momentum; they take the plain "
    "step (000 §3.6)",
}
