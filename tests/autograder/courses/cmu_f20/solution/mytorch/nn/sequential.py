"""Sequential: modules one after the other (002 §2.1)."""

from mytorch.nn.module import Module


class Sequential(Module):
    """Passes its input through all layers in turn."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = layers

    def __getitem__(self, index):
        return self.layers[index]

    def children(self):
        return self.layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
