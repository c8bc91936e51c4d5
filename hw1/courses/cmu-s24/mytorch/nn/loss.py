"""The losses of Spring 2024: values and gradients are means over the batch."""

from mytorch import adapters


class MSELoss(adapters.MSELoss):
    """`sum (A - Y)^2 / (N C)`."""

    scale = 2


class CrossEntropyLoss(adapters.CrossEntropyLoss):
    """Value and gradient are means over the batch."""

    mean_in_loss = True


__all__ = ["CrossEntropyLoss", "MSELoss"]
