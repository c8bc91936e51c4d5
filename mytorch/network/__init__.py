"""A network: a list of layers with a criterion and an optimizer."""

from mytorch.network.network import Network

__all__ = ["Network"]
