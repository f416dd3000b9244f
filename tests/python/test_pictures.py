"""Pictures show every cell, keep colours by meaning, and are written as asked."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt

pytest.importorskip("matplotlib")
pytest.importorskip("torch")

from relutope import plotting
from relutope.complex.shapes import chebyshev
from relutope.plotting.colours import pattern_hues

SQUARE = rt.Box(-1, 1, dim=2)
DIAMOND = [([[1, 0], [0, 1], [-1, 0], [0, -1]], [0, 0, 0, 0]), ([[1, 1, 1, 1]], [-1])]


def pixels(ax, dpi=100):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    ax.figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    image = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    x0, y0, x1, y1 = ax.get_window_extent().extents
    height = image.shape[0]
    return image[round(height - y1) + 2 : round(height - y0) - 2, round(x0) + 2 : round(x1) - 2]


def share_of_magenta(image):
    """How much background shows through anywhere, 0 to 1."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    return float((np.minimum(red, blue) - green).max()) / 255


@pytest.mark.parametrize("facets", ["all", "none", "layer"])
@pytest.mark.parametrize("seed", range(3))
def test_no_background_shows_between_cells(facets, seed):
    cx = rt.decompose(rt.mlp([2, 24, 24, 1], seed=seed), rt.Box(-3, 3))
    grey = np.full((cx.n_cells, 3), 0.6)
    ax = cx.plot(grey, facets=facets, level=None, legend=False)
    ax.set_facecolor("#ff00ff")
    for spine in ax.spines.values():
        spine.set_visible(False)
    assert share_of_magenta(pixels(ax)) < (0.08 if facets != "layer" else 0.3)


def test_the_background_check_can_fail():
    cx = rt.decompose(DIAMOND, SQUARE)
    ax = cx.plot(np.full((cx.n_cells, 3), 0.6), level=None)
    ax.set_facecolor("#ff00ff")
    ax.collections[0].remove()
    assert share_of_magenta(pixels(ax)) > 0.9


@pytest.mark.parametrize("by", ["pattern", "degree", "prediction", "class", "limits", "missing"])
def test_cells_of_one_shade_drawn_together_keep_their_colours(by, monkeypatch):
    cx = rt.decompose(rt.mlp([2, 12, 8, 1], seed=3), rt.Box(-3, 3))
    values = cx.interior_points[:, 0].copy()
    values[::7] = np.nan
    wanted = {"missing": values, "limits": "degree"}.get(by, by)
    images = []
    for most in (10**9, 0):
        monkeypatch.setattr("relutope.plotting.layers.RASTER_ABOVE", most)
        ax = cx.plot(wanted, level=None, facets="none", limits=(3, 5) if by == "limits" else None)
        images.append(pixels(ax))
    (height, width), (centres, radii) = images[0].shape[:2], chebyshev(cx)
    wide = centres[radii > 3 * 6 / width]  # at least three pixels to each side
    columns = (width * (wide[:, 0] + 3) / 6).astype(int).clip(0, width - 1)
    rows = (height * (3 - wide[:, 1]) / 6).astype(int).clip(0, height - 1)
    at = [image[rows, columns] for image in images]
    assert len(wide) > 30
    assert np.abs(at[0] - at[1]).max() <= 4


def test_no_background_shows_between_cells_drawn_together(monkeypatch):
    monkeypatch.setattr("relutope.plotting.layers.RASTER_ABOVE", 0)
    cx = rt.decompose(rt.mlp([2, 24, 24, 1], seed=1), rt.Box(-3, 3))
    shades = np.where(np.arange(cx.n_cells)[:, None] % 2, [[0.6, 0.6, 0.6]], [[0.5, 0.5, 0.5]])
    ax = cx.plot(shades, facets="none", level=None, legend=False)
    ax.set_facecolor("#ff00ff")
    for spine in ax.spines.values():
        spine.set_visible(False)
    assert share_of_magenta(pixels(ax)) < 0.08


@pytest.mark.parametrize("seed", range(4))
def test_the_line_of_the_output_is_where_its_cells_are_cut(seed):
    from relutope.plotting.polygons import level_segments

    cx = rt.decompose(rt.mlp([2, 12, 12, 1], seed=seed), rt.Box(-4, 4))
    length = np.linalg.norm(np.diff(level_segments(cx), axis=1), axis=2).sum()
    for shown in (cx, cx.refine_by_output()):
        line = shown.plot("class").collections[-1].get_segments()
        assert np.isclose(sum(np.linalg.norm(b - a) for a, b in line), length)


def test_a_pattern_has_one_colour_in_all_complexes():
    a = rt.decompose(rt.mlp([2, 8, 1], seed=0), SQUARE)
    b = rt.decompose(rt.mlp([2, 8, 1], seed=0), rt.Box(-3, 3, dim=2))
    colour = {
        row.tobytes(): hue.tolist()
        for row, hue in zip(b.patterns, pattern_hues(b.patterns), strict=True)
    }
    assert all(
        colour[row.tobytes()] == hue.tolist()
        for row, hue in zip(a.patterns, pattern_hues(a.patterns), strict=True)
        if row.tobytes() in colour
    )
    assert len({tuple(hue) for hue in colour.values()}) > 0.9 * len(colour)


@pytest.mark.parametrize("by", sorted(plotting.QUANTITIES))
def test_every_name_draws(by):
    cx = rt.decompose(rt.mlp([2, 8, 8, 1], seed=1), SQUARE)
    ax = cx.plot(by, facets="layer")
    assert ax.get_xlabel() == "x₁"
    assert ax.collections


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_each_dimension_has_its_picture(dim):
    cx = rt.decompose(rt.mlp([dim, 6, 1], seed=2), rt.Box(-1, 1))
    for by in ("pattern", "degree"):
        assert cx.plot(by).get_xlabel() == ("x₁")


@pytest.mark.parametrize("draw", ["solids", "surface"])
def test_pictures_in_space_do_not_depend_on_memory_that_nobody_has_filled(monkeypatch, draw):
    dim = 3 if draw == "solids" else 2
    cx = rt.decompose(rt.mlp([dim, 6, 1], seed=2), rt.Box(-1, 1))
    empty = np.empty

    def full(shape, dtype=float, *args, **kwargs):
        made = empty(shape, dtype, *args, **kwargs)
        if made.dtype == float:
            made.fill(1.7e308)
        return made

    monkeypatch.setattr(np, "empty", full)
    ax = cx.plot("degree") if draw == "solids" else plotting.plot_surface(cx)
    monkeypatch.undo()
    for low, high in (ax.get_xlim(), ax.get_ylim(), ax.get_zlim()):
        assert -10 < low < high < 10
    pixels(ax)


def test_the_output_keeps_its_sign_on_cells_that_are_cut_for_the_picture():
    cx = rt.decompose(DIAMOND, rt.Box(-2, 2))
    values = cx.plot("prediction").collections[0].get_array()
    assert len(values) == 8
    assert ((values < 0).sum(), (values > 0).sum()) == (4, 4)


def test_class_of_an_uncut_complex_is_cut_for_the_picture():
    cx = rt.decompose(DIAMOND, rt.Box(-2, 2))
    ax = cx.plot("class")
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"class 0", "class 1"}
    assert len(ax.collections[0].get_paths()) == 8  # four cells, each cut by |x| + |y| = 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"by": "benz"}, "`by` is 'benz'; use one of"),
        ({"by": [1.0, 2.0]}, "`by` has shape"),
        ({"facets": "some"}, "`facets` is 'some'"),
        ({"names": ("a",)}, "`names` has 1"),
        ({"data": ([[1.0, 2.0, 3.0]], None)}, "`data` has points of shape"),
        ({"images": (2, 1)}, "`images` needs a slice"),
    ],
)
def test_what_does_not_fit_is_said(arguments, words):
    cx = rt.decompose(DIAMOND, SQUARE)
    with pytest.raises(ValueError, match=words):
        cx.plot(**arguments)


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ValueError, match="unbounded"):
        rt.plot(rt.decompose(DIAMOND))
    with pytest.raises(ValueError, match="at most three"):
        rt.plot(rt.decompose(rt.mlp([4, 3, 1]), rt.Box(-1, 1)))
    with pytest.raises(TypeError, match="decompose first"):
        rt.plot(DIAMOND)


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_files_have_the_width_of_a_column(tmp_path, ending):
    ax = rt.decompose(DIAMOND, SQUARE).plot()
    path = plotting.save(ax, tmp_path / f"cells.{ending}", width="column")
    assert path.stat().st_size > 500
    assert ax.figure.get_size_inches()[0] == pytest.approx(3.3)
    fresh = rt.decompose(DIAMOND, SQUARE).plot()
    again = plotting.save(fresh, tmp_path / f"again.{ending}", width="column")
    assert again.read_bytes() == path.read_bytes()


def test_an_unknown_width_is_refused(tmp_path):
    ax = rt.decompose(DIAMOND, SQUARE).plot()
    with pytest.raises(ValueError, match="`width` is 'wide'"):
        plotting.save(ax, tmp_path / "a.svg", width="wide")


def test_a_film_keeps_its_scale_and_the_vector_its_sign(tmp_path):
    frames = {
        k: rt.decompose(rt.mlp([2, 8, 1], seed=0), rt.Box(-1 - k / 50, 1, dim=2)) for k in range(3)
    }
    path = plotting.animate(frames, tmp_path / "film.gif", "fiedler", fps=4)
    assert path.read_bytes()[:6] in (b"GIF89a", b"GIF87a")
    first, second = plotting.aligned_fiedler([frames[0], frames[0]])
    assert (first == second).all()
    with pytest.raises(ValueError, match=r"use \.gif"):
        plotting.animate(frames, tmp_path / "film.avi")


def test_the_page_holds_everything(tmp_path):
    cx = rt.decompose(DIAMOND, rt.Box(-2, 2), outputs="sign")
    page = plotting.save_html(cx, tmp_path / "a.html", "label", title="<b>").read_text()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "src=" not in page
    assert "import {" not in page
    assert '<option value="label" selected>' in page
    with pytest.raises(ValueError, match="`by` is 'volume'"):
        plotting.save_html(cx, tmp_path / "b.html", "volume")
    with pytest.raises(ValueError, match="unbounded"):
        plotting.save_html(rt.decompose(DIAMOND), tmp_path / "b.html")


def test_a_slice_shows_its_images():
    rng = np.random.default_rng(0)
    triangle = rt.slice(rt.mlp([4, 6, 1]), rng.normal(size=(3, 4)))
    ax = rt.plot(triangle, images=(2, 2))
    assert ax.get_xlabel() == "t₁"
    assert len(ax.artists) == 3


def test_charts_take_what_the_library_returns():
    from relutope.topology import random_betti_curves

    cx = rt.decompose(rt.mlp([2, 8, 1], seed=3), rt.Box(-2, 2))
    pairs = rt.persistence(cx)
    assert plotting.plot_persistence_diagram(pairs).get_ylabel() == "death"
    assert plotting.plot_barcode(pairs).get_xlabel() == "value of the filtration"
    assert plotting.plot_betti_curves(pairs).get_ylabel() == "Betti number"
    assert plotting.plot_betti_curves(random_betti_curves(cx, draws=2)).lines
    assert plotting.plot_spectrum(rt.spectrum(cx, 4)).get_ylabel() == "eigenvalue"
    assert plotting.plot_surface(cx).get_zlabel() == "f"
    table = {"step": [0, 1], "loss": [2.0, 1.0], "n_cells": [3, None]}
    assert plotting.plot_training(table).get_xlabel() == "step"
    with pytest.raises(ValueError, match="no column 'benz'"):
        plotting.plot_training(table, ["benz"])
    bars = plotting.plot_histogram([1, 1, 2, 4])
    assert sorted(patch.get_height() for patch in bars.patches) == [0, 1, 1, 2]
