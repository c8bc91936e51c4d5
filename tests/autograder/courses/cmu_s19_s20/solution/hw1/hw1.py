"""The multilayer perceptron and its training (000 §3)."""

import numpy as np

# the files of mytorch/ are imported by their own names, as the course's graders do
from activation import Identity, ReLU, Sigmoid, Tanh
from batchnorm import BatchNorm
from linear import Linear
from loss import SoftmaxCrossEntropy

__all__ = [
    "MLP",
    "BatchNorm",
    "Identity",
    "Linear",
    "ReLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Tanh",
    "get_training_stats",
    "random_normal_weight_init",
    "zeros_bias_init",
]


def random_normal_weight_init(d0, d1):
    """Weights `(d0, d1)`, standard normal."""
    return np.random.normal(0.0, 1.0, (d0, d1))


def zeros_bias_init(d):
    """A bias `(1, d)` of zeros."""
    return np.zeros((1, d))


class MLP:
    """Linear layers, each followed by an activation, the first ones by batch norm before it.

    `hiddens` has the number of units of each hidden layer; `activations` one object for each layer,
    the output's too; `num_bn_layers` is how many of the first layers have a batch norm. `lr` and
    `momentum` are those of `step`.
    """

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
        self.train_mode = True
        self.num_bn_layers = num_bn_layers
        self.bn = num_bn_layers > 0
        self.nlayers = len(hiddens) + 1
        self.input_size = input_size
        self.output_size = output_size
        self.activations = activations
        self.criterion = criterion
        self.lr = lr
        self.momentum = momentum
        sizes = [input_size, *hiddens, output_size]
        self.linear_layers = [
            Linear(sizes[i], sizes[i + 1], weight_init_fn, bias_init_fn)
            for i in range(self.nlayers)
        ]
        self.bn_layers = [BatchNorm(hiddens[i]) for i in range(num_bn_layers)]
        self.output = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """The output `(batch, output_size)` for `x (batch, input_size)`; kept in `output`.

        Each layer in turn: linear, batch norm where there is one, activation (001 §2.1.3, §4.1).
        In evaluation, `train_mode` False, batch norm runs with `eval=True`.
        """
        for i in range(self.nlayers):
            x = self.linear_layers[i](x)
            if i < self.num_bn_layers:
                x = self.bn_layers[i](x, not self.train_mode)
            x = self.activations[i](x)
        self.output = x
        return x

    def backward(self, labels):
        """Fills the gradients of all layers for labels `(batch, output_size)` (001 §3.5).

        Call the criterion with `output` and the labels, and start from its derivative. Then go
        through the layers in reverse: times the activation's derivative, batch norm's backward,
        the linear layer's backward.
        """
        self.criterion(self.output, labels)
        delta = self.criterion.derivative()
        for i in reversed(range(self.nlayers)):
            delta = delta * self.activations[i].derivative()
            if i < self.num_bn_layers:
                delta = self.bn_layers[i].backward(delta)
            delta = self.linear_layers[i].backward(delta)

    def zero_grads(self):
        """Sets the gradients of all layers to zeros (000 §3.2).

        Those are dW and db of the linear layers, dgamma and dbeta of batch norm.
        """
        for layer in self.linear_layers:
            layer.dW, layer.db = np.zeros_like(layer.W), np.zeros_like(layer.b)
        for bn in self.bn_layers:
            bn.dgamma, bn.dbeta = np.zeros_like(bn.gamma), np.zeros_like(bn.beta)

    def step(self):
        """Changes the parameters of all layers by their gradients (000 §3.2 and §3.6, 001 §3.7).

        Linear layers with momentum, for W and for b: v = momentum v - lr dW, W = W + v, where v is
        the layer's `momentum_W`. Batch norm without: gamma = gamma - lr dgamma, and beta likewise.
        """
        for layer in self.linear_layers:
            layer.momentum_W = self.momentum * layer.momentum_W - self.lr * layer.dW
            layer.momentum_b = self.momentum * layer.momentum_b - self.lr * layer.db
            layer.W = layer.W + layer.momentum_W
            layer.b = layer.b + layer.momentum_b
        for bn in self.bn_layers:
            bn.gamma = bn.gamma - self.lr * bn.dgamma
            bn.beta = bn.beta - self.lr * bn.dbeta

    def error(self, labels):
        """How many rows of the last `forward` are misclassified."""
        return (self.output.argmax(axis=1) != labels.argmax(axis=1)).sum()

    def total_loss(self, labels):
        """The sum of the losses that the criterion's `forward` returns for the last `forward`."""
        return self.criterion(self.output, labels).sum()

    def train(self):
        self.train_mode = True

    def eval(self):
        self.train_mode = False


def get_training_stats(mlp, dset, nepochs, batch_size):
    """Trains `mlp`; returns training losses, training errors, validation losses and errors.

    Four arrays `(nepochs,)`: mean losses per sample and fractions misclassified (000 §3.7). `dset`
    is `((x, y), (x, y), (x, y))` for training, validation and test, `x (N, input_size)`, `y`
    one-hot `(N, output_size)`. In every epoch: shuffle the training samples; for every batch in
    training mode zero_grads, forward, backward, step, and gather total_loss and error; then, in
    evaluation mode, the loss and the error of the validation samples.
    """
    (train_x, train_y), (val_x, val_y) = dset[0], dset[1]
    training_losses, training_errors = np.zeros(nepochs), np.zeros(nepochs)
    validation_losses, validation_errors = np.zeros(nepochs), np.zeros(nepochs)
    for epoch in range(nepochs):
        order = np.random.permutation(len(train_x))
        mlp.train()
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            mlp.zero_grads()
            mlp.forward(train_x[rows])
            mlp.backward(train_y[rows])
            mlp.step()
            training_losses[epoch] += mlp.total_loss(train_y[rows]) / len(order)
            training_errors[epoch] += mlp.error(train_y[rows]) / len(order)
        mlp.eval()
        mlp.forward(val_x)
        validation_losses[epoch] = mlp.total_loss(val_y) / len(val_x)
        validation_errors[epoch] = mlp.error(val_y) / len(val_x)
        mlp.train()
    return training_losses, training_errors, validation_losses, validation_errors
