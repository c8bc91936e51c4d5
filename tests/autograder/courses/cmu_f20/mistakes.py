"""The mistakes that the diagnosis knows, each with what to say about it.

The names are the switches of `model.py`.
"""

from __future__ import annotations

from tests.autograder.answering import FORMS
from tests.autograder.formulas import CRITERION, STEP

UNWRITTEN = frozenset({"running statistics never updated", "momentum never accumulated"})
"""What is no mistake but work that was not done: it is never credited and accuses nobody."""

MISTAKES = {
    **CRITERION,
    **FORMS,
    "ReLU'(0) = 1": "ReLU'(0) is 1; it is 0 (001 §2.1.2)",
    # batch norm
    "variance unbiased": "the variance is divided by m - 1; batch norm divides by m (001 §4.1)",
    "eps of 1e-8": "eps is 1e-8; 1e-5 is nn.BatchNorm1d's (002 §2.4)",
    "alpha on the wrong side": "alpha stands on the wrong side of the running statistics "
    "(001 §4.1, 002 §2.4)",
    "mean outside of the graph": "no gradient passes through the mean: it must be computed by "
    "operations on tensors, not of `.data` (002 §2.4)",
    "variance outside of the graph": "no gradient passes through the variance: it must be computed "
    "by operations on tensors, not of `.data` (002 §2.4)",
    "running statistics replaced": "the running statistics are those of the last batch; they "
    "are alpha * running + (1 - alpha) * batch (001 §4.1)",
    "running statistics never updated": "the running statistics are never updated (001 §4.1)",
    "running statistics updated in eval": "the running statistics change in evaluation; they only "
    "change in training (001 §4.3)",
    "running variance biased": "the running variance takes the variance over m; it takes the one "
    "over m - 1 (002 §2.4)",
    "eval with the statistics of the batch": "evaluation uses the statistics of its own batch; it "
    "uses the running ones (001 §4.3)",
    "eval with the last training batch": "evaluation uses the mean and variance of the last "
    "training batch; it uses the running ones (001 §4.3)",
    **STEP,
    # automatic differentiation
    "direct path lost": "a tensor that is used twice has the gradient of one path only; the "
    "paths' gradients are added (002 §0.1.6)",
    "path through the product lost": "a tensor that is used twice has the gradient of one path "
    "only; the paths' gradients are added (002 §0.1.6)",
    "path to an inner tensor lost": "a result that is used twice passes on the gradient of one use "
    "only; the gradients of all its uses are added (002 §0.1.6)",
    **dict.fromkeys(
        ("gradients of a pass: the first kept", "gradients of a pass: the last kept"),
        "of the gradients that come to a tensor in one backward pass a single one is kept; they "
        "are added (002 §0.1.6)",
    ),
    "gradient of a leaf: the first kept": "a leaf keeps the first gradient that comes to it; "
    "gradients are added (002 §0.1.6)",
    "gradient of a leaf: the last kept": "a leaf's gradient is overwritten; gradients are added "
    "(002 §0.1.6)",
    "gradient not unbroadcast": "the gradient of a broadcast tensor has the shape of the result; "
    "sum it to the tensor's own (002 §2.1)",
    "gradient lost behind a constant": "a gradient is lost behind a parent without one: go on "
    "with the other parents (002 §0.1.5)",
    "gradient stored on a non-leaf": "an intermediate tensor keeps a gradient; only leaf tensors "
    "do (002 §0.1.5)",
    "gradient array shared": "two tensors share one gradient array; adding to one changes the "
    "other (002 §0.1.6)",
    "second gradient of Sub": "the second gradient of a - b is -1 (002 §1.1.1)",
    "gradients of Mul swapped": "the gradients of a * b are b and a, in this order (002 §1.1.2)",
    "sign in Div": "the second gradient of a / b lacks its minus: -a / b² (002 §1.1.3)",
    "square in Div": "the second gradient of a / b lacks the square: -a / b² (002 §1.1.3)",
    "weight gradient averaged": "the gradients of weight and bias are averaged over the batch; "
    "automatic differentiation averages in the loss only (002 §2.1)",
    "cross-entropy summed": "the loss is summed over the batch; it is averaged (002 B)",
    "gradient of the cross-entropy summed": "the loss is averaged over the batch, its gradient is "
    "not divided by the batch size (002 B)",
}
