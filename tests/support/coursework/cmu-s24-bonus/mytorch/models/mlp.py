class MLP4:
    pass
