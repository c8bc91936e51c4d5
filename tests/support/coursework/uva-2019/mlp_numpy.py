from modules import *


class MLP(object):
    def __init__(self, n_inputs, n_hidden, n_classes, neg_slope):
        self.layers = []
        size = n_inputs
        for n in n_hidden:
            self.layers.append(LinearModule(size, n))
            self.layers.append(LeakyReLUModule(neg_slope))
            size = n
        self.layers.append(LinearModule(size, n_classes))
        self.layers.append(SoftMaxModule())

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
