import numpy as np


class MSELoss:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        se = (self.A - self.Y) * (self.A - self.Y)
        sse = np.sum(se)
        mse = sse / (2 * self.N * self.C)
        return mse

    def backward(self):
        dLdA = (self.A - self.Y) / (self.N * self.C)
        return dLdA


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        N, C = A.shape
        Ones_C = np.ones((C, 1))
        Ones_N = np.ones((N, 1))
        self.softmax = np.exp(A) / np.sum(np.exp(A), axis=1, keepdims=True)
        crossentropy = np.dot(-Y * np.log(self.softmax), Ones_C)
        sum_crossentropy = np.dot(Ones_N.T, crossentropy)[0, 0]
        L = sum_crossentropy / N
        return L

    def backward(self):
        dLdA = self.softmax - self.Y
        return dLdA
