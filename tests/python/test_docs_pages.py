"""The examples on the pages of the site give what they say, and pages link to what is there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(
    path
    for path in DOCS.rglob("*.md")
    if path.name != "tracking.md"  # has a test of its own
    and not {"auto_gallery", "auto_tutorials", "generated"} & set(path.parts)
)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples(path):
    text = "\n".join(BLOCK.findall(path.read_text(encoding="utf-8")))
    return doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_examples_give_what_they_say(path, tmp_path, monkeypatch):
    test = examples(path)
    if not test.examples:
        pytest.skip("no examples")
    if "mlp(" in path.read_text(encoding="utf-8"):
        pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test).failed == 0


def test_there_are_examples():
    assert sum(len(examples(path).examples) for path in PAGES) > 40


def test_gallery_scripts_ask_a_question_each():
    scripts = sorted((DOCS / "gallery").glob("plot_*.py"))
    assert len(scripts) >= 20
    for script in scripts:
        head = script.read_text(encoding="utf-8").split('"""')[1]
        title, rule = head.strip().splitlines()[:2]
        assert set(rule) == {"="}, script
        assert len(rule) == len(title), script
        assert re.search(r"^\*.+\?\*$", head, re.MULTILINE), f"{script} asks no question"


def test_versions_agree():
    import relutope

    root = DOCS.parent
    assert f'version = "{relutope.__version__}"' in (root / "pyproject.toml").read_text()
    assert f"version: {relutope.__version__}" in (root / "CITATION.cff").read_text()
