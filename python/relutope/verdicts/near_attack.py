"""Looking in floating point for near inputs at which the decision is another.

Steps towards linearised decision boundaries, nearer to the given input each time (Croce and Hein,
Minimally distorted adversarial examples with a fast adaptive boundary attack, 2020), then projected
gradient descent in ever smaller balls (Madry and others, 2018). Nothing is proven here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..network.network import Network

__all__ = ["NearAttack", "lengths"]

FloatArray = NDArray[np.float64]
Bounds = tuple[FloatArray, FloatArray]

_OVERSHOOT = 1.05
_BACK = 0.9  # how far back towards x a point goes from where it was successful
_BISECTIONS = 24
_HALVINGS = 40


def lengths(w: FloatArray, norm: float) -> FloatArray:
    """The norm of each row."""
    with np.errstate(over="ignore"):
        return np.asarray(np.linalg.norm(w, ord=norm, axis=1))


class NearAttack:
    """Targets ``c_k . f`` at most zero, each tried from several starts.

    Parameters
    ----------
    network : Network
    x : ndarray of float64, shape (n,)
    targets : ndarray of float64, shape (k, m)
    norm : {1, 2, inf}
    bounds : pair of ndarray, shape (n,)
        Of the inputs; may be infinite.
    seed : int
    """

    def __init__(
        self,
        network: Network,
        x: FloatArray,
        targets: FloatArray,
        norm: float,
        bounds: Bounds,
        seed: int = 0,
    ) -> None:
        self.network, self.x, self.targets, self.norm = network, x, targets, norm
        self.room = bounds[0] - x, bounds[1] - x
        self.rng = np.random.default_rng(seed)

    def points(self, starts: int, steps: int) -> Iterator[FloatArray]:
        """Rows at which a target seems to be met, ever nearer."""
        rows = np.tile(self.targets, (starts, 1))
        w = self._starts(rows, starts)
        best, best_size = np.zeros_like(w), np.full(len(w), np.inf)
        for step in range(steps):
            values, gradients = self.values(w, rows)
            met = values <= 0
            nearer = met & (lengths(w, self.norm) < best_size)
            best[nearer], best_size[nearer] = w[nearer], lengths(w[nearer], self.norm)
            w = np.where(met[:, None], _BACK * w, self._towards(w, values, gradients))
            if step % 10 == 9 and np.isfinite(best_size).any():
                best, best_size = self._bisected(best, best_size, rows)
                yield self._nearest(best, best_size)
        if not np.isfinite(best_size).any():
            return
        best, best_size = self._bisected(best, best_size, rows)
        yield self._nearest(best, best_size)

    def shrinking(self, w: FloatArray, target: FloatArray, steps: int) -> Iterator[FloatArray]:
        """From one success on, by descent in balls that are a little smaller each time."""
        shrink = 0.97
        while shrink < 0.9999:
            size = lengths(w[None], self.norm)[0] * shrink
            found = self._descended(w, size, target, steps)
            if found is None:
                shrink = 1 - (1 - shrink) / 3
                continue
            w = found
            yield w[None]

    # -- parts

    def values(self, w: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``c . f`` at ``x + w`` for each row, and its gradient."""
        network = self.network
        h, passing = self.x + w, []
        *hidden, (W_out, b_out) = network.sparse_layers
        for (W, b), neurons in zip(hidden, network.hidden_widths, strict=True):
            z = h @ W.T + b
            on = np.ones_like(z)
            on[:, :neurons] = z[:, :neurons] > 0
            h = z * on
            passing.append(on)
        values = np.einsum("ij,ij->i", h @ W_out.T + b_out, rows)
        gradient = rows @ W_out
        for (W, _), on in zip(reversed(hidden), reversed(passing), strict=True):
            gradient = (gradient * on) @ W
        return values, np.asarray(gradient)

    def _starts(self, rows: FloatArray, starts: int) -> FloatArray:
        """Zero first, then random points, some near and some far."""
        w = self.rng.standard_normal((len(rows), len(self.x)))
        scale = max(1.0, float(np.abs(self.x).max(initial=0.0)))
        widths = np.where(np.isfinite(self.room[1] - self.room[0]), self.room[1] - self.room[0], 0)
        scale = max(scale, float(widths.max(initial=0.0)))
        w *= scale * 4.0 ** self.rng.uniform(-4, 1, (len(rows), 1))
        w[: len(self.targets)] = 0
        return np.clip(w, *self.room)

    def _towards(self, w: FloatArray, values: FloatArray, gradients: FloatArray) -> FloatArray:
        """A step to where the linearised target is met, drawn towards the given input."""
        here = self.room[0] - w, self.room[1] - w
        near = self._linear(gradients, values, here)
        at_x = values - np.einsum("ij,ij->i", gradients, w)
        far = self._linear(gradients, at_x, self.room)
        a, b = lengths(near, self.norm), lengths(far, self.norm)
        share = np.minimum(a / np.maximum(a + b, np.finfo(float).tiny), 0.1)[:, None]
        moved = (1 - share) * (w + _OVERSHOOT * near) + share * _OVERSHOOT * far
        moved = np.where(np.isfinite(moved), moved, w)
        return np.clip(moved, *self.room)

    def _linear(self, gradients: FloatArray, values: FloatArray, room: Bounds) -> FloatArray:
        """The smallest step within the room that lowers linear functions to zero, or nearly."""
        need = np.maximum(values, 0.0)
        if self.norm == 1:
            return self._along_axes(gradients, need, room)
        direction = -np.sign(gradients) if self.norm == np.inf else -gradients
        slope = np.einsum("ij,ij->i", -gradients, direction)
        with np.errstate(all="ignore"):
            low = np.where(slope > 0, need / slope, 0.0)[:, None]
        high = low
        for _ in range(_HALVINGS):
            step = np.clip(high * direction, *room)
            short = np.einsum("ij,ij->i", -gradients, step) < need * (1 - 1e-12)
            if not short.any():
                break
            high = np.where(short[:, None], 2 * high, high)
        for _ in range(_BISECTIONS if (high > low).any() else 0):
            middle = 0.5 * (low + high)
            step = np.clip(middle * direction, *room)
            short = (np.einsum("ij,ij->i", -gradients, step) < need)[:, None]
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.clip(high * direction, *room)

    def _along_axes(self, gradients: FloatArray, need: FloatArray, room: Bounds) -> FloatArray:
        """In the 1-norm: as far as possible along the steepest axis, then the next."""
        order = np.argsort(-np.abs(gradients), axis=1, kind="stable")
        steep = np.take_along_axis(np.abs(gradients), order, axis=1)
        free = np.where(gradients > 0, -room[0], room[1])
        free = np.take_along_axis(np.broadcast_to(free, gradients.shape), order, axis=1)
        with np.errstate(all="ignore"):
            gain = np.where(steep > 0, steep * free, 0.0)
            before = np.cumsum(gain, axis=1) - gain
            before = np.where(np.isfinite(before), before, np.inf)
            rest = np.clip(need[:, None] - before, 0.0, None)
            part = np.where(steep > 0, np.minimum(rest / steep, free), 0.0)
        result = np.zeros_like(gradients)
        np.put_along_axis(result, order, part, axis=1)
        return -np.sign(gradients) * result

    def _bisected(
        self, best: FloatArray, size: FloatArray, rows: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Successes drawn back towards the given input as far as they remain ones."""
        low, high = np.zeros((len(best), 1)), np.ones((len(best), 1))
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            met = (self.values(middle * best, rows)[0] <= 0)[:, None]
            low, high = np.where(met, low, middle), np.where(met, middle, high)
        result = np.where(np.isfinite(size)[:, None], high * best, best)
        return result, np.where(np.isfinite(size), lengths(result, self.norm), size)

    @staticmethod
    def _nearest(best: FloatArray, size: FloatArray) -> FloatArray:
        return np.asarray(best[np.argsort(size, kind="stable")[: int(np.isfinite(size).sum())][:4]])

    def _descended(
        self, start: FloatArray, size: float, target: FloatArray, steps: int
    ) -> FloatArray | None:
        """A success in a ball around the given input, or None."""
        w = self._into_ball(start[None], size)
        noise = self.rng.standard_normal((3, len(start))) * size / max(1, len(start)) ** 0.5
        w = self._into_ball(np.concatenate([w, w + 0.3 * noise]), size)
        rows = np.tile(target, (len(w), 1))
        for k in range(steps):
            values, gradients = self.values(w, rows)
            if (values <= 0).any():
                return np.asarray(w[int(np.argmin(values))])
            length = np.maximum(lengths(gradients, 2), np.finfo(float).tiny)[:, None]
            direction = np.sign(gradients) if self.norm == np.inf else gradients / length
            w = self._into_ball(w - direction * size * 0.3 * (1 - k / steps), size)
        return None

    def _into_ball(self, w: FloatArray, size: float) -> FloatArray:
        w = np.clip(w, *self.room)
        if self.norm == np.inf:
            return np.clip(w, -size, size)
        long = lengths(w, self.norm)[:, None]
        if self.norm == 2:
            return np.where(long > size, w * (size / np.maximum(long, size)), w)
        sizes = -np.sort(-np.abs(w), axis=1)
        count = np.arange(1, w.shape[1] + 1)
        levels = (np.cumsum(sizes, axis=1) - size) / count
        last = np.maximum((sizes > levels).sum(axis=1) - 1, 0)
        level = np.take_along_axis(levels, last[:, None], axis=1)
        return np.where(
            long > size, np.sign(w) * np.maximum(np.abs(w) - np.maximum(level, 0), 0), w
        )
