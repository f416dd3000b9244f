"""Pictures show the right points, and the page is whole and refers to nothing outside itself."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import relutope as rt
from relutope.lab.report import Fact, Page, Panel, Section, figure, render, table, to_svg
from relutope.plotting import layers as plotting
from relutope.plotting import polygons
from relutope.plotting.colours import pattern_hues

QUADRANTS = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.array([-0.5]))]


@pytest.fixture(scope="module")
def quadrants():
    return rt.decompose(QUADRANTS, rt.Box(-1, 1, dim=2))


def shoelace(corners):
    x, y = corners.T
    return 0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1))


def test_cells_become_counter_clockwise_polygons(quadrants):
    shapes = polygons.cell_polygons(quadrants)
    assert [shoelace(shape) for shape in shapes] == [1.0, 1.0, 1.0, 1.0]


def test_facet_segments_follow_the_adjacency(quadrants):
    segments = polygons.facet_segments(quadrants)
    assert segments.shape == (4, 2, 2)
    assert np.allclose(np.linalg.norm(segments[:, 0] - segments[:, 1], axis=1), 1.0)
    middles = quadrants.interior_points[quadrants.adjacency].mean(axis=1)
    along = segments.mean(axis=1)
    assert np.allclose(np.sign(np.round(middles, 9)), np.sign(along))


def test_the_level_set_of_two_ramps_is_three_segments(quadrants):
    segments = polygons.level_segments(quadrants)
    ends = {frozenset(map(tuple, np.round(s, 12).tolist())) for s in segments}
    assert ends == {
        frozenset({(0.5, -1.0), (0.5, 0.0)}),
        frozenset({(0.5, 0.0), (0.0, 0.5)}),
        frozenset({(0.0, 0.5), (-1.0, 0.5)}),
    }
    assert len(polygons.level_segments(quadrants, level=9.0)) == 0


def test_facets_of_a_trained_shape_are_all_found():
    cx = rt.decompose(rt.mlp([2, 10, 10, 1], seed=3), rt.Box(-4, 4, dim=2))
    assert np.isfinite(polygons.facet_segments(cx)).all()
    assert sum(map(shoelace, polygons.cell_polygons(cx))) == pytest.approx(64.0)


def test_pictures_need_a_planar_complex_on_a_box():
    line = rt.decompose(rt.mlp([1, 3, 1]), rt.Box(-1, 1, dim=1))
    with pytest.raises(ValueError, match="dimension 1"):
        polygons.cell_polygons(line)


def test_every_layer_of_a_picture_draws(quadrants):
    ax = Figure().add_subplot()
    assert len(plotting.plot_cells(quadrants, [0, 1, 2, 3], ax).get_paths()) == 4
    assert len(plotting.plot_level(quadrants, ax).get_segments()) == 3
    assert len(plotting.plot_facets(quadrants, [True, False, False, True], ax).get_segments()) == 2
    plotting.plot_dual_graph(quadrants, [True, False, False, True], ax)
    assert ax.get_xlim() == (-1.0, 1.0)


def test_pattern_colours_are_colours_and_tell_cells_apart(quadrants):
    colours = pattern_hues(quadrants.patterns)
    assert colours.shape == (4, 3)
    assert colours.min() >= 0.0
    assert colours.max() <= 1.0
    assert len(np.unique(colours.round(3), axis=0)) == 4


def test_signed_ranks_keep_zero_and_order():
    assert plotting.signed_ranks([-9.0, -1.0, 0.0, 2.0]).tolist() == [-1.0, -0.5, 0.0, 1.0]


def test_equal_figures_give_equal_svg_with_text_in_the_page_colour():
    def drawn():
        fig, ax = figure(2, 2)
        ax.plot([0, 1], [0, 1])
        return to_svg(fig, 'a "line"')

    assert drawn() == drawn()
    assert 'aria-label="a &quot;line&quot;"' in drawn()
    assert "#010203" not in drawn()


def test_the_page_is_self_contained_and_escapes_plain_text():
    panel = Panel("A < B", "caption", table(["", "x"], [["row", "<1>"]]))
    page = Page(
        title="T & U",
        kicker="k",
        lead="l",
        facts=[Fact("cells", "4")],
        sections=[Section("S", "intro", [panel])],
        exact=["counts"],
        floating=["areas"],
        command="relutope study classification",
        colophon=[("seed", "0")],
    )
    html = render(page)
    assert "<title>T &amp; U</title>" in html
    assert "A &lt; B" in html
    assert "&lt;1&gt;" in html
    assert not re.search(r'(src|href)="(?!#|data:)', html)
    assert "$" not in html
