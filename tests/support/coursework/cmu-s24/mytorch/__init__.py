from .nn import *
from .optim import *
