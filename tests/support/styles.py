"""Right solutions in many styles: the hand-ins of `hand_ins/` with edits that change no result."""

from __future__ import annotations

from tests.support.style import ALL, COPY, Edit, Style

LINEAR, LOSS, ACT = "mytorch/linear.py", "mytorch/loss.py", "mytorch/activation.py"
BN, HW1 = "mytorch/batchnorm.py", "hw1/hw1.py"
FORWARD = "def forward(self, x): self.x = x; return x @ self.W + self.b"
DW = "self.dW = self.x.T @ delta / n"
DB = "self.db = delta.sum(axis=0, keepdims=True) / n"
DX = "return delta @ self.W.T"
LINEAR_STATE = (
    "self.dW = np.zeros((i, o)); self.db = np.zeros((1, o)); "
    "self.momentum_W = np.zeros((i, o)); self.momentum_b = np.zeros((1, o))"
)
MADE = "self.W, self.b = weight_init_fn(i, o), bias_init_fn(o)"
STEP_W = "layer.W = layer.W + layer.momentum_W"
STEP_B = "layer.b = layer.b + layer.momentum_b"
STEPS = f"""        for layer in self.linear_layers:
            layer.momentum_W = self.momentum * layer.momentum_W - self.lr * layer.dW
            layer.momentum_b = self.momentum * layer.momentum_b - self.lr * layer.db
            {STEP_W}
            {STEP_B}
"""
LOGP = "logp = x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True))"
SLOPE = "delta = delta * self.activations[i].derivative()"
BN_DX = "return g / s + dvar * 2 * (self.x - self.mean) / m + dmean / m"
IMPORTS = (
    "from loss import *\nfrom activation import *\nfrom batchnorm import *\nfrom linear import *\n"
)
ZERO_GRADS = (
    "        for layer in self.linear_layers: layer.dW.fill(0.0); layer.db.fill(0.0)\n"
    "        for bn in self.bn_layers: bn.dgamma.fill(0.0); bn.dbeta.fill(0.0)\n"
)
TENSOR, FUNCTIONAL = "mytorch/tensor.py", "mytorch/nn/functional.py"
ENGINE, NN_BN, SGD = "mytorch/autograd_engine.py", "mytorch/nn/batchnorm.py", "mytorch/optim/sgd.py"


def _classic(name: str, *edits: Edit) -> Style:
    return Style(name, "classic2020", edits)


def _2019(name: str, *edits: tuple[str, str]) -> Style:
    return Style(name, "classic2019", tuple(("hw1.py", *edit) for edit in edits))


def _autograd(name: str, *edits: Edit) -> Style:
    return Style(name, "autograd", edits)


STYLES = (
    _classic("loops for the gradients",
        (LINEAR, DW, "self.dW = sum(np.outer(a, d) for a, d in zip(self.x, delta)) / n"),
        (LINEAR, DB, "self.db = np.array([[sum(row[j] for row in delta) / n for j in range("
                     "delta.shape[1])]])")),
    _classic("loops in forward",
        (LINEAR, FORWARD, "def forward(self, x):\n        self.x = x\n        return np.array([[sum("
         "r[k] * self.W[k, j] for k in range(len(r))) + self.b[0, j] for j in "
         "range(self.W.shape[1])] for r in x])")),
    _classic("einsum", (LINEAR, DW, 'self.dW = np.einsum("ni,no->io", self.x, delta) / n'),
        (LINEAR, DX, 'return np.einsum("no,io->ni", delta, self.W)')),
    _classic("np.dot and transposes",
        (LINEAR, DW, "self.dW = np.dot(delta.T, self.x).T / n"),
        (LINEAR, DX, "return np.dot(self.W, delta.T).T")),
    _classic("gradients written into arrays that stay",
        (LINEAR, DW, "np.matmul(self.x.T, delta / n, out=self.dW)"),
        (LINEAR, DB, "self.db[:] = delta.mean(axis=0)")),
    _classic("steps in place",
        (HW1, STEP_W, "layer.W += layer.momentum_W"), (HW1, STEP_B, "layer.b += layer.momentum_b"),
        (HW1, "bn.gamma = bn.gamma - self.lr * bn.dgamma", "bn.gamma -= self.lr * bn.dgamma")),
    _classic("momentum in place",
        (HW1, "layer.momentum_W = self.momentum * layer.momentum_W - self.lr * layer.dW",
         "layer.momentum_W *= self.momentum; layer.momentum_W -= self.lr * layer.dW")),
    _classic("momentum kept by the MLP",
        (HW1, "layer.momentum_W = self.momentum * layer.momentum_W - self.lr * layer.dW",
         "self.v = getattr(self, 'v', {}); k = id(layer)\n            layer.momentum_W = self.v[k] "
         "= self.momentum * self.v.get(k, 0.0) - self.lr * layer.dW")),
    _classic("gradients are None until backward",
        (LINEAR, "self.dW = np.zeros((i, o)); self.db = np.zeros((1, o));",
         "self.dW = self.db = None;"),
        (HW1, ZERO_GRADS, "        for layer in self.linear_layers: layer.dW = layer.db = None\n")),
    _classic("zero_grads makes new arrays",
        (HW1, "layer.dW.fill(0.0); layer.db.fill(0.0)",
         "layer.dW = np.zeros_like(layer.W); layer.db = 0 * layer.b")),
    _classic("initialisers are called again and again",
        (LINEAR, MADE, "self.W, self.b = weight_init_fn(i, o), bias_init_fn(o)\n        "
         "weight_init_fn(i, o); bias_init_fn(o); bias_init_fn(o)")),
    _classic("the template's np.zeros(None)", (LINEAR, LINEAR_STATE,
        "self.dW = np.zeros(None); self.db = np.zeros(None); self.momentum_W = np.zeros(None); "
        "self.momentum_b = np.zeros(shape=None)")),
    _classic("weights behind properties",
        (LINEAR, "    def __call__", "    @property\n    def W(self): return self._W\n    @W.setter\n"
         "    def W(self, value): self._W = np.asarray(value)\n    def __call__")),
    _classic("slots", (LINEAR, "class Linear:\n", "class Linear:\n    __slots__ = ('W', 'b', 'dW', "
        "'db', 'momentum_W', 'momentum_b', 'x')\n")),
    _classic("a dataclass",
        (LINEAR, "import numpy as np\nclass Linear:\n    def __init__(self, i, o, weight_init_fn, "
         "bias_init_fn):\n", "from dataclasses import dataclass\nfrom typing import Any\nimport numpy "
         "as np\n@dataclass(eq=False)\nclass Linear:\n    i: int\n    o: int\n    weight_init_fn: "
         "Any\n    bias_init_fn: Any\n    def __post_init__(self):\n        i, o, weight_init_fn, "
         "bias_init_fn = self.i, self.o, self.weight_init_fn, self.bias_init_fn\n")),
    _classic("annotations of the future", (LINEAR, "import numpy as np\n",
        '"""Linear."""\nfrom __future__ import annotations\nimport numpy as np\n'),
        (LINEAR, "def backward(self, delta):", "def backward(self, delta: Array) -> Array:")),
    _classic("abstract base classes", (ACT, "import numpy as np\nclass Activation:\n",
        "import abc\nimport numpy as np\nclass Activation(abc.ABC):\n    @abc.abstractmethod\n"
        "    def forward(self, x): ...\n    @abc.abstractmethod\n    def derivative(self): ...\n")),
    _classic("activations from functions", (ACT, "class Tanh(Activation):\n"
        "    def forward(self, x): self.state = np.tanh(x); return self.state\n"
        "    def derivative(self): return 1 - self.state ** 2\n",
        "def make(f, df):\n    class Made(Activation):\n        def forward(self, x): self.state = "
        "f(x); return self.state\n        def derivative(self): return df(self.state)\n    return "
        "Made\nTanh = make(np.tanh, lambda s: 1 - s * s)\n")),
    _classic("the derivative from the input", (ACT, "self.state = np.tanh(x); return self.state",
        "self.x = x; self.state = np.tanh(x); return self.state"),
        (ACT, "return 1 - self.state ** 2", "return 1 / np.cosh(self.x) ** 2")),
    _classic("derivatives take the gradient", (ACT, "class Identity",
        "    def backward(self, grad): return grad * self.derivative()\nclass Identity"),
        (HW1, SLOPE, "delta = self.activations[i].backward(delta)")),
    _classic("types are checked", (HW1, "        self.activations, self.criterion",
        "        assert isinstance(criterion, Criterion) and all(isinstance(a, Activation) for a in "
        "activations)\n        self.activations, self.criterion")),
    _classic("masks for ReLU", (ACT, "np.maximum(x, 0.0)", "np.where(x > 0, x, 0.0)"),
        (ACT, "(self.state > 0).astype(float)", "np.where(self.state > 0, 1.0, 0.0)")),
    _classic("logaddexp", (LOSS, LOGP, "logp = x - np.logaddexp.reduce(x, axis=1, keepdims=True)")),
    _classic("labels as indices", (LOSS, "self.loss = -(y * logp).sum(axis=1)",
        "self.loss = -logp[np.arange(len(y)), y.argmax(axis=1)]")),
    _classic("loss row by row", (LOSS, "self.loss = -(y * logp).sum(axis=1)",
        "self.loss = np.array([-(a * b).sum() for a, b in zip(y, logp)])")),
    _classic("batch norm in closed form", (BN, BN_DX,
        "return (m * g - g.sum(axis=0) - self.norm * (g * self.norm).sum(axis=0)) / (m * s)")),
    _classic("batch norm's own names", (BN, "self.var = x.var(axis=0, keepdims=True)",
        "self.var = ((x - self.mean) ** 2).mean(axis=0, keepdims=True); self.std = "
        "np.sqrt(self.var + self.eps)")),
    _classic("sums in float32", (LINEAR, DX,
        "return (delta.astype(np.float32) @ self.W.T.astype(np.float32)).astype(float)")),
    _classic("batch norm only where there is some", (HW1,
        "self.bn_layers = [BatchNorm(n) for n in hiddens[:num_bn_layers]]",
        "self.bn_layers = [BatchNorm(n) for n in hiddens[:num_bn_layers]] if self.bn else None"),
        (HW1, "        for bn in self.bn_layers: bn.dgamma", "        for bn in self.bn_layers or "
         "[]: bn.dgamma"), (HW1, "        for bn in self.bn_layers:\n", "        for bn in "
         "self.bn_layers or []:\n")),
    _classic("zipped and reversed", (HW1, "for i in range(self.nlayers - 1, -1, -1):",
        "for i, _ in reversed(list(enumerate(self.linear_layers))):")),
    _classic("a package with imports of its own", (HW1, IMPORTS,
        "from mytorch.loss import *\nfrom mytorch import activation\nfrom mytorch.activation import "
        "*\nfrom mytorch.batchnorm import BatchNorm\nfrom mytorch.linear import Linear as Linear\n"),
        ("mytorch/__init__.py", "", "from .linear import Linear\nfrom . import loss\n")),
    _classic("relative imports", (ACT, "class Identity", "class Base(Activation): pass\nclass "
        "Identity"), (LOSS, "import numpy as np\n", "import numpy as np\nfrom .activation import "
        "Activation\n"), (HW1, IMPORTS, "from mytorch.loss import *\nfrom mytorch.activation import "
        "*\nfrom mytorch.batchnorm import *\nfrom mytorch.linear import *\n")),
    _classic("paths of its own", (HW1, IMPORTS, 'import os, sys\nsys.path.insert(0, "mytorch")\n'
        "sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'mytorch'))\n" + IMPORTS)),
    _classic("the MLP in a file of its own", ("hw1/mlp.py", "", COPY + HW1),
        (HW1, ALL, "from mlp import *\n")),
    _classic("the MLP in a file that nothing imports", ("hw1/network.py", "", COPY + HW1),
        (HW1, ALL, "import numpy as np\n")),
    _classic("a demonstration at the end", (HW1, "    def eval(self): self.train_mode = False",
        "    def eval(self): self.train_mode = False\nif __name__ == '__main__':\n    raise "
        "SystemExit(MLP())")),
    _classic("plots and prints", (HW1, "import numpy as np\n", "import numpy as np\nimport "
        "matplotlib\nmatplotlib.use('TkAgg')\nprint('hello')\n")),
    _classic("matrices inside",
        (LINEAR, DX, "return np.asarray(np.asmatrix(delta) * np.asmatrix(self.W).T)")),
    _classic("copies of the activations", (HW1, "self.activations, self.criterion, self.lr, self.momentum = "
        "activations,", "import copy\n        self.activations, self.criterion, self.lr, self.momentum = "
        "copy.deepcopy(activations),")),
    _classic("layers in dictionaries by their numbers",
        (HW1, "self.linear_layers = [Linear(i, o, weight_init_fn, bias_init_fn) for i, o in "
         "zip(sizes[:-1], sizes[1:])]", "self.linear_layers = dict(enumerate(Linear(i, o, "
         "weight_init_fn, bias_init_fn) for i, o in zip(sizes[:-1], sizes[1:])))"),
        (HW1, "enumerate(self.linear_layers)", "self.linear_layers.items()"),
        (HW1, "for layer in self.linear_layers", "for layer in self.linear_layers.values()")),
    _classic("modules that are executed from their files",
        (HW1, IMPORTS, "import os, runpy\nfor name in 'loss', 'activation', 'batchnorm', 'linear':\n"
         "    globals().update(runpy.run_path(os.path.join(os.path.dirname(__file__), '..', 'mytorch',"
         " name + '.py')))\n")),
    _classic("a path of another machine",
        (LOSS, "import numpy as np\n", "import sys\nsys.path = ['/home/ana/hw1/mytorch']\nimport "
         "numpy as np\n")),
    _classic("float32 from the weights on",
        (LINEAR, MADE, "self.W, self.b = (a.astype(np.float32) for a in (weight_init_fn(i, o), "
         "bias_init_fn(o)))"),
        (ACT, "np.maximum(x, 0.0)", "np.maximum(x, 0.0).astype(np.float32)"),
        (ACT, "self.state = np.tanh(x)", "self.state = np.float32(np.tanh(x))"),
        (BN, "self.running_mean = self.alpha", "self.running_mean = np.float32(1) * self.alpha"),
        (LOSS, "return self.loss", "return self.loss.astype('f')")),
    _classic("float32 in another order of bytes",
        (ACT, "np.maximum(x, 0.0)", "np.maximum(x, 0.0).astype('>f4')")),
    _2019("tuples that are made anew",
        ("self.W = [weight_init_fn(i, o) for i, o in zip(s, s[1:])]", "self.W = tuple("
         "weight_init_fn(i, o) for i, o in zip(s, s[1:]))"),
        ("            self.W[i] = self.W[i] + self.vW[i];", "            self.W = tuple(W + self.vW[j] "
         "if j == i else W for j, W in enumerate(self.W));")),
    _2019("a derivative of booleans",
        ("return (self.state > 0).astype(float)", "return self.state > 0")),
    _2019("a derivative of integers",
        ("return (self.state > 0).astype(float)", "return np.where(self.state > 0, 1, 0)")),
    _classic("a list of parameters that the layers share",
        (LINEAR, f"{DW}\n        {DB}", "np.dot(self.x.T, delta, out=self.dW); self.dW /= n\n        "
         "self.db[:] = delta.mean(0)"),
        (HW1, "        self.bn_layers = [", "        self.params = [p for l in self.linear_layers for "
         "p in ((l.W, l.dW, l.momentum_W), (l.b, l.db, l.momentum_b))]\n        self.bn_layers = ["),
        (HW1, STEPS, "        for p, g, v in self.params: v *= self.momentum; v -= self.lr * g; "
         "p += v\n")),
    _classic("all parameters in one vector",
        (LINEAR, f"{MADE}\n        {LINEAR_STATE}", "self.s = i, o; self.t = np.concatenate([np.ravel("
         "weight_init_fn(i, o)), np.ravel(bias_init_fn(o))])\n        self.dt, self.v = 0 * self.t, "
         "0 * self.t\n    W = property(lambda self: self.t[:-self.s[1]].reshape(self.s))\n    b = "
         "property(lambda self: self.t[-self.s[1]:].reshape(1, -1))\n    dW = property(lambda self: "
         "self.dt[:-self.s[1]].reshape(self.s))\n    db = property(lambda self: "
         "self.dt[-self.s[1]:].reshape(1, -1))"),
        (LINEAR, "self.dW =", "self.dW[:] ="), (LINEAR, "self.db =", "self.db[:] ="),
        (HW1, STEPS, "        for l in self.linear_layers: l.v *= self.momentum; l.v -= self.lr * "
         "l.dt; l.t += l.v\n")),
    _classic("a class of arrays",
        (LINEAR, "class Linear:", "class Named(np.ndarray): pass\nclass Linear:"),
        (LINEAR, MADE, "self.W, self.b = (a.view(Named) for a in (weight_init_fn(i, o), "
         "bias_init_fn(o)))")),
    _classic("warnings are errors", (ACT, "import numpy as np\n", "import numpy as np, warnings\n"
        "np.seterr(all='raise'); warnings.simplefilter('error')\n")),
    _classic("classes from partial",
        (ACT, "class Tanh(Activation):\n    def forward(self, x): self.state = np.tanh(x); return "
         "self.state\n    def derivative(self): return 1 - self.state ** 2\n",
         "from functools import partial\nclass Of(Activation):\n    def __init__(self, f, df): "
         "self.f, self.df = f, df\n    def forward(self, x): self.state = self.f(x); return "
         "self.state\n    def derivative(self): return self.df(self.state)\nTanh = partial(Of, "
         "np.tanh, lambda s: 1 - s ** 2)\n")),
    _2019("arrays of arrays",
        ("        self.bn_layers =", "        for k in ('W', 'b', 'dW', 'db', 'vW', 'vb'):\n"
         "            a = np.empty(self.n, object); a[:] = getattr(self, k); setattr(self, k, a)\n"
         "        self.bn_layers ="),
        ("self.dW = [0 * W for W in self.W]; self.db = [0 * b for b in self.b]",
         "self.dW = 0 * self.W; self.db = 0 * self.b"),
        ("d.mean(axis=0)", "d.mean(axis=0, keepdims=True)"),
        ("        for i in range(self.n):\n            self.vW[i] = self.momentum * self.vW[i] - "
         "self.lr * self.dW[i]; self.vb[i] = self.momentum * self.vb[i] - self.lr * self.db[i]\n"
         "            self.W[i] = self.W[i] + self.vW[i]; self.b[i] = self.b[i] + self.vb[i]\n",
         "        self.vW = self.momentum * self.vW - self.lr * self.dW; self.W = self.W + self.vW\n"
         "        self.vb = self.momentum * self.vb - self.lr * self.db; self.b = self.b + self.vb\n")),
    _2019("gradients in a dictionary", ("self.dW = [np.zeros((i, o)) for i, o in zip(s, s[1:])]",
        "self.dW = {}"), ("self.dW = [0 * W for W in self.W]", "self.dW.clear()")),
    _2019("flat biases", ("bias_init_fn(o) for o in s[1:]", "bias_init_fn(o).ravel() for o in s[1:]")),
    _2019("lists made by backward", ("        for i in reversed(range(self.n)):\n            d = d",
        "        self.dW, self.db = [0] * self.n, [0] * self.n\n        for i in "
        "reversed(range(self.n)):\n            d = d")),
    _2019("a bias with an axis", ("self.db[i] = d.mean(axis=0)",
        "self.db[i] = d.mean(axis=0, keepdims=True)")),
    _2019("gradients that are added up and cleared by zero_grads",
        ("self.dW[i] = ", "self.dW[i] = self.dW[i] + "), ("self.db[i] = ", "self.db[i] = self.db[i] + ")),
    _2019("no gradients at first", ("self.dW = [np.zeros((i, o)) for i, o in zip(s, s[1:])]",
        "self.dW = [None] * self.n")),
    _autograd("float32 in all tensors", (TENSOR, "np.array(data)", "np.array(data, np.float32 if "
        "np.asarray(data).dtype.kind == 'f' else None)")),
    _autograd("steps in place", (SGD, "p.data = p.data + self.momentums[i]",
        "p.data += self.momentums[i]")),
    _autograd("momentums by parameter", (SGD, "[np.zeros(p.shape) for p in self.params]", "{}"),
        (SGD, "self.momentums[i] = self.momentum * self.momentums[i]",
         "self.momentums[i] = self.momentum * self.momentums.get(i, 0.0)")),
    _autograd("batch norm as one operation", (FUNCTIONAL, "class ReLU", "class Normal(Function):\n"
        "    def forward(ctx, x, eps):\n        ctx.s = np.sqrt(x.data.var(axis=0) + eps.data)\n"
        "        ctx.n = (x.data - x.data.mean(axis=0)) / ctx.s\n        return new(ctx.n, x)\n"
        "    def backward(ctx, g):\n        g = g.data\n        g = g - g.mean(axis=0) - ctx.n * "
        "(g * ctx.n).mean(axis=0)\n        return tensor.Tensor(g / ctx.s)\nclass ReLU"),
        (NN_BN, "import numpy as np\n", "import numpy as np\nfrom mytorch.nn import functional as F\n"),
        (NN_BN, "        return self.gamma * (x", "            return self.gamma * F.Normal.apply(x, "
         "self.eps) + self.beta\n        return self.gamma * (x")),
    _autograd("star imports", (FUNCTIONAL, "from mytorch import tensor\n",
        "from mytorch.tensor import *\nfrom mytorch.autograd_engine import *\n"),
        (FUNCTIONAL, "tensor.Tensor(", "Tensor(")),
    _autograd("relative imports", (NN_BN, "from mytorch.tensor import Tensor\nfrom mytorch.nn.module "
        "import Module\n", "from ..tensor import Tensor\nfrom .module import Module\n")),
    _autograd("packages that import", ("mytorch/__init__.py", "", "from .tensor import Tensor\n"),
        ("mytorch/nn/__init__.py", "", "from .linear import Linear\nfrom .loss import *\n")),
    _autograd("numbers as operands", (TENSOR, "return F.Mul.apply(self, o)",
        "return F.Mul.apply(self, o if isinstance(o, Tensor) else Tensor(o))")),
)  # fmt: skip
