from .adam import Adam
from .adamW import AdamW
