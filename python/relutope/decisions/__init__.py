"""Classes on a complex: decision regions, their boundary, and how partitions agree with them."""
