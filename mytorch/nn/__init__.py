"""Networks on tensors: modules, and the operations that they are made of."""
