"""The recipe 2019 as a plain PyTorch script: `with_torch.py loader|batches EPOCHS`.

With `loader` the batches come from a `DataLoader`, with `batches` from indexing by a permutation.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import torch
from idx import images, labels
from torch import nn

how, epochs = sys.argv[1], int(sys.argv[2])
torch.manual_seed(0)

x, y = torch.from_numpy(images("train")), torch.from_numpy(labels("train"))
train = torch.utils.data.TensorDataset(x[:55_000], y[:55_000])
val = torch.utils.data.TensorDataset(x[55_000:], y[55_000:])
test_x, test_y = torch.from_numpy(images("t10k")), torch.from_numpy(labels("t10k"))
loader = torch.utils.data.DataLoader(train, batch_size=100, shuffle=True)
val_loader = torch.utils.data.DataLoader(val, batch_size=1000)

model = nn.Sequential(
    nn.Linear(784, 64), nn.Sigmoid(), nn.Linear(64, 64), nn.Sigmoid(),
    nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 10),
)  # fmt: skip
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.008, momentum=0.9)


def batches(part: torch.utils.data.TensorDataset, size: int) -> Iterator[list[torch.Tensor]]:
    """Batches of a part, in a random order."""
    order = torch.randperm(len(part))
    for start in range(0, len(part), size):
        rows = order[start : start + size]
        yield [tensor[rows] for tensor in part.tensors]


for epoch in range(epochs):
    started = time.perf_counter()
    model.train()
    loss_sum, wrong = 0.0, 0
    for inputs, targets in loader if how == "loader" else batches(train, 100):
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(inputs)
        wrong += int((outputs.argmax(1) != targets).sum())
    model.eval()
    val_loss, val_wrong = 0.0, 0
    with torch.no_grad():
        for inputs, targets in val_loader if how == "loader" else batches(val, 1000):
            outputs = model(inputs)
            val_loss += criterion(outputs, targets).item() * len(inputs)
            val_wrong += int((outputs.argmax(1) != targets).sum())
    print(
        f"epoch {epoch + 1} {loss_sum / len(train):.4f} {wrong / len(train):.4f} "
        f"{val_loss / len(val):.4f} {val_wrong / len(val):.4f} "
        f"seconds {time.perf_counter() - started:.3f}"
    )
with torch.no_grad():
    print("test", int((model(test_x).argmax(1) != test_y).sum()) / len(test_y))
