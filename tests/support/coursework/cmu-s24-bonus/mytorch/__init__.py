from .nn import *
from .optim import *
from .models import *
