"""Tests of tensors, their gradients, modules, optimizers and the gradient check."""
