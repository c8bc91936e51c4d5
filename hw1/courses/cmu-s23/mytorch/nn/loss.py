"""The losses of Spring 2023: cross-entropy's gradient is not divided by the batch."""

from mytorch import adapters


class MSELoss(adapters.MSELoss):
    """`sum (A - Y)^2 / (2 N C)`."""

    scale = 1


class CrossEntropyLoss(adapters.CrossEntropyLoss):
    """The value is a mean over the batch; the gradient is that of each row's own loss."""

    mean_in_loss = False


__all__ = ["CrossEntropyLoss", "MSELoss"]
