"""Experiments: data, training, null models, reports, and the two papers that are repeated."""
