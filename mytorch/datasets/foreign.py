"""Data in other files than those that are read, and how to make these of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PICKLE = "holds pickles, which are not read, because a\npickle can run any program"

WRITE_IDX = """
  def write(name, a):
      head = bytes([0, 0, 8, a.ndim])
      head += b"".join(n.to_bytes(4, "big") for n in a.shape)
      open(name, "wb").write(head + a.astype("u1").tobytes())
  write("train-images-idx3-ubyte", x)
  write("train-labels-idx1-ubyte", y)
  write("t10k-images-idx3-ubyte", test_x)
  write("t10k-labels-idx1-ubyte", test_y)"""

FROM_NPZ = (
    """To make the four files of it, run in its folder:
  import numpy as np
  d = np.load("{name}")
  x, y = d["x_train"], d["y_train"]
  test_x, test_y = d["x_test"], d["y_test"]"""
    + WRITE_IDX
)

FROM_PICKLE = (
    """Whoever trusts it makes the four files of it, in its folder:
  import gzip, pickle, numpy as np
  d = pickle.load(gzip.open("{name}"), encoding="latin1")
  parts = [(np.rint(x * 256).reshape(-1, 28, 28), y) for x, y in d]
  x, y = (np.concatenate(pair) for pair in zip(*parts[:2]))
  test_x, test_y = parts[2]"""
    + WRITE_IDX
)

FROM_CIFAR10 = """Whoever trusts it unpacks it and runs, in the folder of its batches:
  import pickle, numpy as np
  names = [f"data_batch_{{i}}" for i in range(1, 6)] + ["test_batch"]
  for name in names:
      d = pickle.load(open(name, "rb"), encoding="bytes")
      rows = np.column_stack([d[b"labels"], d[b"data"]])
      rows.astype("u1").tofile(name + ".bin")"""

KNOWN = {
    "mnist.npz": ("is none of the files that are read", FROM_NPZ),
    "mnist.pkl.gz": (PICKLE, FROM_PICKLE),
    "cifar-10-python.tar.gz": (PICKLE, FROM_CIFAR10),
    "cifar-10-batches-py": (PICKLE, FROM_CIFAR10),
}
MNIST = ("mnist.npz", "mnist.pkl.gz")
CIFAR10 = ("cifar-10-python.tar.gz", "cifar-10-batches-py")


def hint(folders: Iterable[Path], names: Iterable[str]) -> str:
    """A paragraph on the first of these files in the folders and how to convert it, or nothing."""
    for folder in folders:
        for name in names:
            if os.path.exists(folder / name):
                what, how = KNOWN[name]
                return f"\n{folder / name} {what}.\n{how.format(name=name)}"
    return ""


def what_it_is(path: Path, content: bytes) -> str:
    """What a file is that is not in IDX format, by its first bytes, and how to convert it."""
    if content.startswith(b"PK\x03\x04"):
        return f"it is a .npz or another ZIP file.\n{FROM_NPZ.format(name=path.name)}"
    if content[:1] == b"\x80" and content[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return f"it {PICKLE}.\n{FROM_PICKLE.format(name=path.name)}"
    if content[:100].lstrip().startswith(b"<"):
        return "it is a web page or the like"
    if not content:
        return "it is empty"
    return f"it begins with the bytes {content[:4].hex(' ')}, not 00 00 08"
