"""The cells, vertices and faces of a decomposition."""
