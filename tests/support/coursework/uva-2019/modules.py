import numpy as np


class LinearModule(object):
    def __init__(self, in_features, out_features):
        weight = np.random.normal(0, 0.0001, (in_features, out_features))
        bias = np.zeros((1, out_features))
        self.params = {"weight": weight, "bias": bias}
        self.grads = {"weight": np.zeros(weight.shape), "bias": np.zeros(bias.shape)}

    def forward(self, x):
        self.x = x
        out = x @ self.params["weight"] + self.params["bias"]
        return out

    def backward(self, dout):
        self.grads["weight"] = self.x.T @ dout
        self.grads["bias"] = np.sum(dout, axis=0, keepdims=True)
        dx = dout @ self.params["weight"].T
        return dx


class LeakyReLUModule(object):
    def __init__(self, neg_slope):
        self.neg_slope = neg_slope

    def forward(self, x):
        self.x = x
        out = np.maximum(0, x) + self.neg_slope * np.minimum(0, x)
        return out

    def backward(self, dout):
        dx = dout * np.where(self.x > 0, 1, self.neg_slope)
        return dx


class SoftMaxModule(object):
    def forward(self, x):
        b = np.max(x, axis=1, keepdims=True)
        y = np.exp(x - b)
        self.out = y / np.sum(y, axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        dim = self.out.shape[1]
        diag = np.zeros((len(self.out), dim, dim))
        ii = np.arange(dim)
        diag[:, ii, ii] = self.out
        jacobian = diag - np.einsum("ij,ik->ijk", self.out, self.out)
        dx = np.einsum("ij,ijk->ik", dout, jacobian)
        return dx


class CrossEntropyModule(object):
    def forward(self, x, y):
        out = np.mean(np.sum(-y * np.log(x), axis=1))
        return out

    def backward(self, x, y):
        dx = -(y / x) / len(x)
        return dx
