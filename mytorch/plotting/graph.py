"""The graph behind a tensor as a picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mytorch.plotting.figures import new_figure, save

if TYPE_CHECKING:
    from mytorch.graph import Graph


def plot_graph(graph: Graph, path: str | os.PathLike[str]) -> Path:
    """Draws a graph, leaves on the left and the output on the right, and returns `path`.

    An arrow goes from an operation to an input, the way that a gradient takes.
    """
    depth = [0] * len(graph.labels)
    for _ in graph.labels:  # as often as the longest path has nodes, at the most
        for output, source in graph.edges:
            depth[source] = max(depth[source], depth[output] + 1)
    columns = [[n for n, d in enumerate(depth) if d == column] for column in range(max(depth) + 1)]
    place = {
        node: (-2.2 * column, (len(nodes) - 1) / 2 - row)
        for column, nodes in enumerate(columns)
        for row, node in enumerate(nodes)
    }
    figure, (axes,) = new_figure(1, "")
    height = max(map(len, columns))
    figure.set_size_inches(1.6 * len(columns) + 1, 0.9 * height + 0.8)
    figure.subplots_adjust(0, 0, 1, 1)
    texts = []
    for node, label in enumerate(graph.labels):
        leaf = not any(node == output for output, _ in graph.edges)
        box = {"boxstyle": "round,pad=0.4", "fc": "#fdebd8" if leaf else "#dbe9f6", "ec": "0.4"}
        texts.append(axes.text(*place[node], label, ha="center", va="center", fontsize=9, bbox=box))
    axes.set_xlim(-2.2 * len(columns) + 1.1, 1.1)
    axes.set_ylim(-height / 2, height / 2)
    axes.axis("off")
    figure.draw_without_rendering()  # now the boxes know their sizes, and arrows can end there
    for output, source in graph.edges:
        boxes = texts[output].get_bbox_patch(), texts[source].get_bbox_patch()
        arrow = {"arrowstyle": "->", "color": "0.5", "patchA": boxes[0], "patchB": boxes[1]}
        axes.annotate("", place[source], place[output], arrowprops={**arrow, "shrinkB": 3})
    return save(figure, Path(path))


__all__ = ["plot_graph"]
