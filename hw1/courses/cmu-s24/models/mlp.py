"""The networks of Spring 2024, which copies of the course also have as `mytorch.models`."""

from mytorch.models.mlp import MLP0, MLP1, MLP4
