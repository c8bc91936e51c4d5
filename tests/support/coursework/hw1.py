"""The 2019 homework in one file: no class for a linear layer, and gradients `(n,)`."""

import numpy as np


class Activation:
    def __init__(self):
        self.state = None

    def __call__(self, x):
        return self.forward(x)


class Identity(Activation):
    def forward(self, x):
        self.state = x
        return x

    def derivative(self):
        return 1.0


class Sigmoid(Activation):
    def forward(self, x):
        self.state = 1 / (1 + np.exp(-x))
        return self.state

    def derivative(self):
        return self.state - self.state**2


class Tanh(Activation):
    def forward(self, x):
        self.state = np.tanh(x)
        return self.state

    def derivative(self):
        return 1 - self.state**2


class ReLU(Activation):
    def forward(self, x):
        self.state = x * (x > 0)
        return self.state

    def derivative(self):
        return (self.state > 0).astype(float)


class SoftmaxCrossEntropy:
    def __call__(self, x, y):
        return self.forward(x, y)

    def forward(self, x, y):
        top = np.max(x, axis=1, keepdims=True)
        log_sum = top + np.log(np.sum(np.exp(x - top), axis=1, keepdims=True))
        self.labels = y
        self.sm = np.exp(x - log_sum)
        return -np.sum(y * (x - log_sum), axis=1)

    def derivative(self):
        return self.sm - self.labels


class BatchNorm:
    def __init__(self, fan_in, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.gamma, self.beta = np.ones((1, fan_in)), np.zeros((1, fan_in))
        self.dgamma, self.dbeta = np.zeros((1, fan_in)), np.zeros((1, fan_in))
        self.running_mean, self.running_var = np.zeros((1, fan_in)), np.ones((1, fan_in))

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def forward(self, x, eval=False):
        if eval:
            norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * norm + self.beta
        self.x, self.mean, self.var = x, np.mean(x, axis=0), np.var(x, axis=0)
        self.norm = (x - self.mean) / np.sqrt(self.var + self.eps)
        self.out = self.gamma * self.norm + self.beta
        self.running_mean = self.alpha * self.running_mean + (1 - self.alpha) * self.mean
        self.running_var = self.alpha * self.running_var + (1 - self.alpha) * self.var
        return self.out

    def backward(self, delta):
        m, root = len(delta), np.sqrt(self.var + self.eps)
        self.dgamma, self.dbeta = np.sum(delta * self.norm, axis=0), np.sum(delta, axis=0)
        dnorm = delta * self.gamma
        dvar = -0.5 * np.sum(dnorm * (self.x - self.mean), axis=0) / root**3
        dmean = -np.sum(dnorm, axis=0) / root - 2 / m * dvar * np.sum(self.x - self.mean, axis=0)
        return dnorm / root + dvar * 2 / m * (self.x - self.mean) + dmean / m


class MLP:
    def __init__(
        self,
        input_size,
        output_size,
        hiddens,
        activations,
        weight_init_fn,
        bias_init_fn,
        criterion,
        lr,
        momentum=0.0,
        num_bn_layers=0,
    ):
        sizes = [input_size, *hiddens, output_size]
        self.train_mode = True
        self.nlayers = len(hiddens) + 1
        self.activations, self.criterion = activations, criterion
        self.lr, self.momentum = lr, momentum
        self.W = [weight_init_fn(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [bias_init_fn(n) for n in sizes[1:]]
        self.zero_grads()
        self.vW = [np.zeros_like(w) for w in self.W]
        self.vb = [np.zeros_like(b) for b in self.b]
        self.bn_layers = [BatchNorm(n) for n in sizes[1 : num_bn_layers + 1]]

    def forward(self, x):
        self.inputs = []
        for i in range(self.nlayers):
            self.inputs.append(x)
            x = x @ self.W[i] + self.b[i]
            if i < len(self.bn_layers):
                x = self.bn_layers[i](x, not self.train_mode)
            x = self.activations[i](x)
        self.output = x
        return x

    def zero_grads(self):
        self.dW = [np.zeros_like(w) for w in self.W]
        self.db = [np.zeros_like(b) for b in self.b]

    def backward(self, labels):
        self.criterion(self.output, labels)
        grad = self.criterion.derivative()
        for i in reversed(range(self.nlayers)):
            grad = grad * self.activations[i].derivative()
            if i < len(self.bn_layers):
                grad = self.bn_layers[i].backward(grad)
            self.dW[i] = self.inputs[i].T @ grad / len(grad)
            self.db[i] = grad.mean(axis=0)
            grad = grad @ self.W[i].T

    def step(self):
        for i in range(self.nlayers):
            self.vW[i] = self.momentum * self.vW[i] - self.lr * self.dW[i]
            self.vb[i] = self.momentum * self.vb[i] - self.lr * self.db[i]
            self.W[i] = self.W[i] + self.vW[i]
            self.b[i] = self.b[i] + self.vb[i]
        for layer in self.bn_layers:
            layer.gamma = layer.gamma - self.lr * layer.dgamma
            layer.beta = layer.beta - self.lr * layer.dbeta

    def __call__(self, x):
        return self.forward(x)

    def train(self):
        self.train_mode = True

    def eval(self):
        self.train_mode = False
