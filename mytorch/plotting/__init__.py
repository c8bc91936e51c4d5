"""Pictures of learning curves and graphs."""

from mytorch.plotting.curves import plot_training_stats, plot_validation_accuracy
from mytorch.plotting.graph import plot_graph

__all__ = ["plot_graph", "plot_training_stats", "plot_validation_accuracy"]
