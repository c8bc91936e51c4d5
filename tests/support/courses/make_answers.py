"""PyTorch's answers to the exam of three courses: `python -m tests.support.courses.make_answers`.

The classes are written by each course's fact sheet around PyTorch's functions and its gradients;
they share no formula with the model that the grader's right answers come from.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from tests.autograder.answering import written
from tests.autograder.course import find_course

FILE = Path(__file__).with_name("answers.npz")
SEED = 7
EXERCISES = (
    *("linear", "linear_more", "sigmoid", "tanh", "relu", "gelu", "softmax", "leaky", "leaky_more"),
    *("softmax_more", "mse", "cross_entropy", "cross_entropy_more", "batchnorm", "batchnorm_more"),
)


def leaf(x):
    return torch.tensor(np.asarray(x, float), requires_grad=True)


def gradients(out, delta, *leaves):
    found = torch.autograd.grad((out * torch.as_tensor(delta)).sum(), leaves, retain_graph=True)
    return [g.numpy().copy() for g in found]


def activation(function, derivative):
    class Activation:
        def __init__(self, slope=0.0):
            self.slope = slope

        def forward(self, z):
            self.z = leaf(z)
            self.out = function(self.z, self.slope)
            return self.out.detach().numpy().copy()

        def backward(self, delta):
            return gradients(self.out, delta, self.z)[0]

    class Derivative(Activation):
        def backward(self):
            return gradients(self.out, np.ones(self.z.shape), self.z)[0]

    return Derivative if derivative else Activation


FUNCTIONS = {
    "Identity": lambda z, s: z * 1,
    "Sigmoid": lambda z, s: torch.sigmoid(z),
    "Tanh": lambda z, s: torch.tanh(z),
    "ReLU": lambda z, s: torch.relu(z),
    "GELU": lambda z, s: F.gelu(z),
    "Softmax": lambda z, s: torch.softmax(z, 1),
    "LeakyReLU": lambda z, s: F.leaky_relu(z, s),
}


def linear(mean_in_layer, spell):
    class Linear:
        def __init__(self, inputs, outputs, debug=False):
            W = np.random.default_rng(1).normal(0, 1e-4, (outputs, inputs)) * (spell == "uva")
            self.params = {"weight": W, "bias": np.zeros(outputs)}
            self.grads = {"weight": np.zeros_like(W), "bias": np.zeros(outputs)}
            self.W, self.b = W, np.zeros((outputs, 1))

        def forward(self, x):
            uva = spell == "uva"
            W, b = (self.params["weight"], self.params["bias"]) if uva else (self.W, self.b)
            self.leaves = leaf(x), leaf(W), leaf(b)
            self.out = F.linear(self.leaves[0], self.leaves[1], self.leaves[2].reshape(-1))
            return self.out.detach().numpy().copy()

        def backward(self, delta):
            scale = 1 / len(delta) if mean_in_layer else 1
            dx, dW, db = gradients(self.out, delta, *self.leaves)
            self.dLdW, self.dLdb = dW * scale, db * scale
            self.grads = {"weight": self.dLdW, "bias": self.dLdb}
            self.dLdA, self.dZdA = dx, self.W.T
            self.dZdW, self.dZdb = self.leaves[0].detach().numpy(), np.ones((len(delta), 1))
            return dx

    return Linear


def loss(value, times_rows):
    """`value` is the course's mean loss; its gradient is multiplied by the rows where asked."""

    class Loss:
        def forward(self, x, y):
            self.x, self.y = x, y
            return np.float64(value(leaf(x), torch.tensor(y)).item())

        def backward(self, x=None, y=None):
            x, y = (self.x, self.y) if x is None else (x, y)
            given = leaf(x)
            out = value(given, torch.tensor(y))
            return gradients(out, 1.0, given)[0] * (len(x) if times_rows else 1)

    return Loss


def batchnorm():
    class BatchNorm1d:
        def __init__(self, columns):
            self.BW, self.Bb = np.ones((1, columns)), np.zeros((1, columns))
            self.running_M, self.running_V = np.zeros((1, columns)), np.ones((1, columns))

        def forward(self, x, eval=False):
            self.leaves = leaf(x), leaf(self.BW), leaf(self.Bb)
            running = torch.tensor(self.running_M[0]), torch.tensor(self.running_V[0])
            gamma, beta = self.leaves[1][0], self.leaves[2][0]
            if not eval:
                var = torch.tensor(x).var(0, unbiased=False).numpy()
                self.running_M = 0.9 * self.running_M + 0.1 * x.mean(0)
                self.running_V = 0.9 * self.running_V + 0.1 * var
                running = None, None
            self.out = F.batch_norm(self.leaves[0], *running, gamma, beta, not eval, eps=1e-8)
            return self.out.detach().numpy().copy()

        def backward(self, delta):
            dx, self.dLdBW, self.dLdBb = gradients(self.out, delta, *self.leaves)
            return dx

    return BatchNorm1d


def classes(name):
    s23, uva = name == "cmu-s23", name == "uva-2019"
    found = {key: activation(function, s23) for key, function in FUNCTIONS.items()}
    found["Linear"] = linear(s23, "uva" if uva else "cmu")
    half = 2 if s23 else 1
    found["MSELoss"] = loss(lambda x, y: F.mse_loss(x, y) / half, False)
    if uva:
        mean = loss(lambda x, y: F.kl_div(x.log(), y, reduction="none").sum(1).mean()
                    - torch.xlogy(y, y).sum(1).mean(), False)  # fmt: skip
    else:
        mean = loss(F.cross_entropy, s23)
    found["CrossEntropyLoss"] = mean
    found["BatchNorm1d"] = batchnorm()
    names = find_course(name).conventions
    return {names.name(key): value for key, value in found.items()}


def main():
    stored = {}
    for name in ("cmu-s23", "cmu-s24", "uva-2019"):
        course = find_course(name)
        cases = course.module("cases").draw(SEED)
        for question in course.questions:
            if question.exercise not in EXERCISES:
                continue
            for case_name, case in cases[question.exercise].items():
                answers = written(course, question.exercise, classes(name), case)
                for output, value in answers.items():
                    if value is not None:
                        stored[f"{name}|{question.exercise}|{case_name}|{output}"] = value
    np.savez_compressed(FILE, **stored)
    print(f"wrote {len(stored)} answers with PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
