from .mlp import MLP4
