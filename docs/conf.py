"""How Sphinx builds the site: ``python -m sphinx -W --keep-going docs build/docs``."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import relutope

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
from drawn_figures import DrawnFigures

os.environ.setdefault("OMP_NUM_THREADS", "1")  # examples are small, and built side by side

project = "relutope"
author = "The relutope developers"
copyright = author
version = release = relutope.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "live_figures",
]
exclude_patterns = [
    "gallery/*",
    "tutorials/*",
    "paper/machine.md",
    "**/sg_execution_times*",
    "sg_execution_times*",
]
templates_path = ["_templates"]
default_role = "obj"
nitpicky = False
suppress_warnings = [
    "config.cache",  # gallery settings hold functions
    "toc.empty_glob",  # a guide without chapters beyond those that are ordered
]

# Markdown
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3

# Docstrings
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Gallery: scripts named plot_*.py are run while the site is built
sphinx_gallery_conf = {
    "examples_dirs": ["gallery", "tutorials"],
    "gallery_dirs": ["auto_gallery", "auto_tutorials"],
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "remove_config_comments": True,
    "image_scrapers": (DrawnFigures(),),
    "reference_url": {"relutope": None},
    "doc_module": ("relutope",),
    "backreferences_dir": "reference/backreferences",
    "inspect_global_variables": False,
    "capture_repr": (),  # examples print what they want to show
}

# Pages: nothing is fetched from elsewhere, search works from a file
html_theme = "pydata_sphinx_theme"
html_title = "relutope"
html_static_path = ["_static"]
html_css_files = ["relutope.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 7,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
html_sidebars = {"start": [], "concepts": [], "coming-from": [], "exactness": [], "benchmarks": []}

# Figures of examples are never shown on a screen
warnings.filterwarnings("ignore", message=".*non-interactive.*")
