"""Networks as exact affine maps between layers of ReLU."""
