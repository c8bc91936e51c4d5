"""The mistakes that the diagnosis knows for a course; the names are the switches of the model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.autograder.answering import FORMS
from tests.autograder.shared.axes import AXES, name, others

UNWRITTEN = frozenset(
    {
        "step does nothing",
        "plain step does nothing",
        "running statistics never updated",
        "running mean never updated",
        "running variance never updated",
        "db left out",
        "dgamma and dbeta left out",
        "gradients of the last layer left out",
    }
)
MISTAKES = {
    "bias not added": "the bias is not added",
    "output doubled": "the layer's output and its gradients are twice as large as they should be",
    "dW averaged": "the gradient of the weights is averaged over the batch; here it is a sum",
    "db averaged": "the gradient of the bias is averaged over the batch; here it is a sum",
    "dW not averaged": "the gradient of the weights lacks the average over the batch",
    "db not averaged": "the gradient of the bias lacks the average over the batch",
    "average over the batch taken twice": "the average over the batch is taken twice",
    "dW transposed": "the gradient of the weights is transposed: it has the shape of the weights",
    "db not reduced": "the gradient of the bias still has one row for each sample; add them up",
    "db is one number": "the gradient of the bias is one number for all units; it has one for each",
    "db left out": "the gradient of the bias is not computed",
    "dx averaged": "the gradient for the input is divided by the batch size; it is not averaged",
    "sign of the gradients": "the gradients of weights and bias have the wrong sign",
    "sign of dx": "the gradient for the input has the wrong sign",
    "gradients accumulated": "gradients are added to those of the batch before; backward "
    "overwrites them",
    "weights of another size at the beginning": "the weights at the beginning have another size "
    "than the handout asks for",
    "bias not zero at the beginning": "the bias is not zero at the beginning",
    **FORMS,
    "exponent with the wrong sign": "the exponent has the wrong sign: 1 / (1 + exp(-z))",
    "derivative is the output": "the output stands in the place of the derivative",
    "derivative left out": "the derivative is 1 everywhere, as the identity's",
    "derivative applied twice": "the derivative is squared",
    "derivative of the output again": "the derivative is taken at the output; it is taken at the "
    "input, and the output is what is kept of it",
    "incoming gradient ignored": "backward ignores the gradient that comes in; the chain rule "
    "multiplies by it",
    "input in the place of the incoming gradient": "backward multiplies by the layer's input in "
    "the place of the gradient that comes in",
    "tanh not squared": "tanh' is 1 - tanh; it is 1 - tanh²",
    "ReLU'(0) = 1": "ReLU'(0) is 1; it is 0",
    "GELU by the sigmoid": "GELU is z sigmoid(1.702 z); the exact form with erf is asked for",
    "GELU by tanh": "GELU is the approximation by tanh; the exact form with erf is asked for",
    "GELU by tanh in forward": "GELU's forward is the approximation by tanh; the exact form with "
    "erf is asked for",
    "GELU's second term left out": "GELU's derivative lacks the term z times the normal density",
    "softmax over the wrong axis": "the softmax is taken over the samples; it is taken over the "
    "classes of each",
    "softmax without the maximum": "the softmax overflows for large inputs; subtract the maximum "
    "of each row first",
    "maximum of the whole array": "the softmax subtracts the maximum of the whole array; it takes "
    "each row's own",
    "temperature of 2": "the softmax divides its input by 2",
    "only the diagonal of the Jacobian": "the softmax's backward uses the diagonal of its Jacobian "
    "only; every output depends on every input of its row",
    "slope ignored": "the slope for negative inputs is ignored",
    "slope of the wrong sign": "the slope for negative inputs has the wrong sign",
    "slope left out in backward": "backward is 0 where the input is negative; it is the slope",
    "squared error not divided by C": "the squared error is not divided by the number of columns",
    "squared error not divided by N": "the squared error is not divided by the number of rows",
    "gradient of the squared error not divided by C": "the gradient of the squared error is not "
    "divided by the number of columns",
    "gradient of the squared error not divided by N": "the gradient of the squared error is not "
    "divided by the number of rows",
    "gradient of the squared error divided by 2 N": "the gradient of the squared error is divided "
    "by 2 N; divide by the number of columns, which may be another one than 2",
    "gradient of the squared error with another factor": "the gradient of the squared error has "
    "another factor than its value: the derivative of d² is 2 d",
    "squared error with another factor": "the squared error has another factor than its gradient: "
    "the derivative of d² is 2 d",
    "squared error divided by 2 N": "the squared error is divided by 2 N; divide by the number of "
    "columns, which may be another one than 2",
    "squared error divided by N C squared": "the squared error is divided by N C², which is 2 N C "
    "for two columns only",
    "loss with the wrong sign": "the loss has the wrong sign",
    "gradient of the loss with the wrong sign": "the gradient of the loss has the wrong sign",
    "loss summed": "the loss is summed over the batch; it is the mean",
    "value of the loss summed": "the value of the loss is summed over the batch; it is the mean",
    "loss divided by N C": "the loss is a mean over rows and classes; it is a mean over rows",
    "logarithm to base 2": "the logarithm is taken to base 2; it is the natural one",
    "logarithm left out": "the loss takes the probabilities; it takes their logarithms",
    "eps in the logarithm": "a number is added in the logarithm, which changes the loss",
    "labels left out of the gradient": "the gradient of the loss lacks the labels: softmax minus "
    "labels",
    "labels by argmax": "the labels are replaced by their largest entry; any distribution is "
    "allowed",
    "variance unbiased": "the variance is divided by N - 1; batch norm divides by N",
    "eps of 1e-5": "eps is 1e-5; 1e-8 is asked for",
    "eps of 1e-3": "eps is 1e-3; 1e-8 is asked for",
    "eps outside the root": "eps is added outside the root: sqrt(var + eps)",
    "gamma and beta left out": "the output lacks gamma and beta",
    "gamma forgotten in dx": "the gradient for the input lacks the factor gamma",
    "dgamma and dbeta averaged": "the gradients of gamma and beta are averaged; they are sums",
    "dgamma and dbeta left out": "the gradients of gamma and beta are not computed",
    "term of the mean missing in dx": "the gradient for the input lacks the term that comes "
    "through the mean",
    "term of the variance missing in dx": "the gradient for the input lacks the term that comes "
    "through the variance",
    "alpha on the wrong side": "alpha stands on the wrong side of the running statistics: "
    "alpha * running + (1 - alpha) * batch",
    "running statistics never updated": "the running statistics are never updated",
    "running mean never updated": "the running mean is never updated",
    "running variance never updated": "the running variance is never updated",
    "running variance unbiased": "the running variance takes the unbiased variance; here it takes "
    "the same one as the norm",
    "eval with the statistics of the batch": "evaluation uses the statistics of its own batch; it "
    "uses the running ones",
    "eval does not normalise": "evaluation does not normalise; it uses the running statistics",
    "gamma and beta left out in eval": "evaluation lacks gamma and beta",
    "statistics are (C,)": "statistics and parameters have the shape (C,); (1, C) is asked for",
    "step does nothing": "step changes nothing",
    "plain step does nothing": "step changes nothing where the momentum is 0",
    "only the first layer updated": "step changes the first layer only",
    "biases not updated": "step leaves the biases as they are",
    "momentum left out": "step leaves the momentum out, or the velocity is not kept from step to "
    "step",
    "momentum of the biases missing": "the biases move without momentum",
    "gradient times 1 - momentum": "the gradient is multiplied by 1 - momentum: v = mu v + g",
    "Nesterov's momentum": "this is Nesterov's momentum; p -= lr v is asked for",
    "step uphill": "step goes uphill: the velocity is subtracted",
    "learning rate left out": "step leaves the learning rate out",
    "no bias correction": "the moments are not divided by 1 - beta^t",
    "steps not counted": "t is not counted: it grows by 1 with every step",
    "steps counted for each layer": "t grows with every layer; it grows by 1 with every step",
    "betas exchanged": "beta1 and beta2 are exchanged",
    "eps of Adam outside the root": "eps is added outside the root: sqrt(v + eps)",
    "weight decay left out": "the parameters are not decayed",
    "weight decay without the learning rate": "the decay lacks the learning rate: p -= lr decay p",
    "weight decay in the gradient": "the decay is added to the gradient, and goes into the "
    "moments; AdamW subtracts it from the parameter itself",
    "biases not decayed": "the biases are not decayed; here they are, as the weights",
    "p is the share that is kept": "p is taken for the share that is kept; it is the share that is "
    "set to 0",
    "kept numbers not scaled": "what is kept is not divided by 1 - p",
    "backward of dropout scaled": "backward is divided by 1 - p; the course's own answer is the "
    "gradient times the mask alone",
    "mask left out of backward": "backward lacks the mask",
    "dropout in evaluation": "numbers are dropped in evaluation, too",
    "last activation not applied": "the last activation is not applied",
    "activation's derivative left out in the network": "the network's backward leaves the "
    "activations' derivatives out",
    "gradients of the last layer left out": "the last layer's gradients are not computed",
    "an activation before the softmax": "an activation stands between the last linear layer and "
    "the softmax",
    "softmax left out in backward": "the network's backward leaves the softmax out; the gradient "
    "of the loss passes through it first",
    "network without its softmax": "the network lacks its softmax: it returns probabilities",
}


def of(course: Any) -> SimpleNamespace:
    """The module of a course: first the conventions of other courses, then mistakes."""
    from tests.autograder.course import all_courses

    cv = course.conventions
    every = [(c.command, c.conventions) for c in all_courses() if c.conventions is not None]
    known = [(command, c) for command, c in every if c.name("Linear") in c.homes]
    found = {}
    for axis, value in others(cv):
        having = [command for command, c in known if getattr(c, axis) == value]
        where = f" of {' and '.join(having)}" if having else " of other courses"
        theirs, own = AXES[axis][value], AXES[axis][getattr(cv, axis)]
        found[name(axis, value)] = (
            f"this is right in the convention{where} ({theirs}); in this course {own}"
        )
    table = {**found, **MISTAKES}
    if cv.bias == "any":  # its question about the weights does not look at the bias
        del table["dW averaged"]
    return SimpleNamespace(MISTAKES=table, UNWRITTEN=UNWRITTEN)
