"""Cells on disk: written while they are found, and read without loading them."""
