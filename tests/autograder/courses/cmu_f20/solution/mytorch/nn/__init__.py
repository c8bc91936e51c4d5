"""Modules: networks on tensors."""
