"""
How far is the next cell?
=========================

*How much must an input change before a neuron does?*

Distances of the nearest cells around a digit of 64 pixels, found by local search with certified
facets.
"""

from sklearn.datasets import load_digits

import relutope as rt
from relutope.plotting import plot_histogram

X = load_digits().data / 16.0
network = rt.mlp([64, 16, 16, 10])
found = rt.explore(network, X[0], max_cells=80, order="nearest")
ax = plot_histogram(found.distances[1:], label="distance of the cell from the image")
