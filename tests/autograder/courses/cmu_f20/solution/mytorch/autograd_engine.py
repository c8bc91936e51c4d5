"""Automatic differentiation: operations build a graph, `backward` goes through it (002 §0.1)."""

from mytorch import tensor


def backward(grad_fn, grad_of_outputs):
    """Carries a gradient from the node of an output to all leaves behind it (002 §0.1.5).

    `grad_fn.apply(grad)` gives one gradient for each of the node's `next_functions`, or a single
    one that is no tuple. Go on with every next function that is not None. An `AccumulateGrad` is
    where a path ends.
    """
    if grad_fn is None:
        return
    grads = grad_fn.apply(grad_of_outputs)
    if not isinstance(grads, tuple):
        grads = (grads,)
    for node, grad in zip(grad_fn.next_functions, grads, strict=False):
        if node is not None:
            backward(node, grad)


class Function:
    """An operation on tensors; subclasses are in `nn/functional.py`."""

    @staticmethod
    def forward(ctx, *inputs):
        raise TypeError("an operation needs a forward of its own")

    @staticmethod
    def backward(ctx, grad_output):
        raise TypeError("an operation needs a backward of its own")

    @classmethod
    def apply(cls, *inputs):
        """Runs the operation on `inputs` and adds its node to the graph (002 §0.1.4).

        Makes a `BackwardFunction` of the class, calls `forward` with its `ctx`, and appends to the
        node's `next_functions` one entry for each input: None where the input is no tensor or
        requires no gradient, `AccumulateGrad(input)` for a leaf, else the input's `grad_fn`. The
        output's `grad_fn` is the node where the output requires a gradient.
        """
        node = BackwardFunction(cls)
        output = cls.forward(node.ctx, *inputs)
        for one in inputs:
            if not isinstance(one, tensor.Tensor) or not one.requires_grad:
                node.next_functions.append(None)
            elif one.is_leaf:
                node.next_functions.append(AccumulateGrad(one))
            else:
                node.next_functions.append(one.grad_fn)
        if output.requires_grad:
            output.grad_fn = node
        return output


class AccumulateGrad:
    """Where a path ends: at the leaf `variable`."""

    def __init__(self, variable):
        self.variable = variable
        self.next_functions = []

    def apply(self, grad):
        """Adds the tensor `grad` to the gradient of `variable` (002 §0.1.5 and §0.1.6).

        The first time, when that is None, a copy of `grad` takes its place: two leaves must not
        share one array. Returns an empty tuple, as nothing comes after it.
        """
        if self.variable.grad is None:
            self.variable.grad = tensor.Tensor(grad.data.copy())
        else:
            self.variable.grad = tensor.Tensor(self.variable.grad.data + grad.data)
        return ()


class ContextManager:
    """What an operation keeps from `forward` for `backward`: tensors, and any other attribute."""

    def __init__(self):
        self.saved_tensors = []

    def save_for_backward(self, *tensors):
        self.saved_tensors += tensors


class BackwardFunction:
    """An operation in the graph: the node of its output."""

    def __init__(self, function):
        self.function = function
        self.ctx = ContextManager()
        self.next_functions = []

    def apply(self, grad):
        return self.function.backward(self.ctx, grad)
