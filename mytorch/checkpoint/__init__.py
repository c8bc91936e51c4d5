"""Checkpoints: everything that the next step of training depends on, in one file."""

from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint

__all__ = ["load_checkpoint", "save_checkpoint"]
