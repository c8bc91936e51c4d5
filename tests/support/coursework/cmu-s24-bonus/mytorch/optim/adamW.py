import numpy as np


class AdamW:
    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.weight_decay = weight_decay
        self.l = model.layers[::2]
        self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0
        self.m_W = [np.zeros(l.W.shape, dtype="f") for l in self.l]
        self.v_W = [np.zeros(l.W.shape, dtype="f") for l in self.l]
        self.m_b = [np.zeros(l.b.shape, dtype="f") for l in self.l]
        self.v_b = [np.zeros(l.b.shape, dtype="f") for l in self.l]

    def step(self):
        self.t += 1
        for i, l in enumerate(self.l):
            self.m_W[i] = self.beta1 * self.m_W[i] + (1 - self.beta1) * l.dLdW
            self.v_W[i] = self.beta2 * self.v_W[i] + (1 - self.beta2) * l.dLdW**2
            self.m_b[i] = self.beta1 * self.m_b[i] + (1 - self.beta1) * l.dLdb
            self.v_b[i] = self.beta2 * self.v_b[i] + (1 - self.beta2) * l.dLdb**2
            c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
            l.W = l.W - l.W * self.lr * self.weight_decay
            l.b = l.b - l.b * self.lr * self.weight_decay
            l.W = l.W - self.lr * (self.m_W[i] / c1) / np.sqrt(self.v_W[i] / c2 + self.eps)
            l.b = l.b - self.lr * (self.m_b[i] / c1) / np.sqrt(self.v_b[i] / c2 + self.eps)
