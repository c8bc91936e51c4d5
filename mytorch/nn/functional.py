"""Operations on tensors, as `torch.nn.functional` is called; they are in `mytorch.functions`."""

from mytorch.functions import *  # noqa: F403
from mytorch.functions import __all__ as __all__
