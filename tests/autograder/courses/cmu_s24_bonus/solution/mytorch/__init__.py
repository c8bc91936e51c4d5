"""The homework's library."""

from .models import *
from .nn import *
from .optim import *
