"""Repeat the source paper's experiments over several seeds, beside null models."""
