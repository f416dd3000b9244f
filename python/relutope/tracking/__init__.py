"""Measuring complexes while a network is trained."""
