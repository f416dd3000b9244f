"""Every block of docs/guide/tracking.md does what it says."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from relutope import cli
from relutope.tracking.measures.registry import MEASURES
from relutope.tracking.tracker import read_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "tracking.md"
BLOCK = re.compile(r"^```(\S+) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks():
    """(language, package that it needs, text) of each block, in order."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def run_python(needed):
    """Run the page from top to bottom with the blocks that need a package of `needed`."""
    pytest.importorskip("torch")
    pytest.importorskip("gudhi")
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    ran = 0
    for language, package, text in blocks():
        if language != "python" or (package and package not in needed):
            continue
        example = doctest.DocTestParser().get_doctest(text, names, package, str(PAGE), 0)
        assert example.examples
        assert runner.run(example, clear_globs=False).failed == 0
        names = example.globs
        ran += 1
    return ran


def test_the_page_does_what_it_says_and_so_does_its_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_python(()) == 7
    [command] = [text for language, _, text in blocks() if language == "sh"]
    program, *arguments = shlex.split(command)
    assert program == "relutope"
    assert cli.main(arguments) == 0
    assert read_table("again.csv")["step"] == [0, 10, 20, 30, 40]


@pytest.mark.filterwarnings("ignore")  # those of the packages
@pytest.mark.parametrize("package", ["lightning", "tensorboard"])
def test_blocks_that_need_a_package_do_what_they_say(tmp_path, monkeypatch, package):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    monkeypatch.chdir(tmp_path)
    assert run_python((package,)) == 8


def test_there_is_no_other_kind_of_block():
    kinds = [(language, package) for language, package, _ in blocks()]
    assert set(kinds) == {
        ("python", ""),
        ("python", "lightning"),
        ("python", "tensorboard"),
        ("sh", ""),
    }
    assert len(kinds) == 10
    assert PAGE.read_text(encoding="utf-8").count("```") == 2 * len(kinds)


def test_every_measure_is_in_the_table():
    table = "\n".join(line for line in PAGE.read_text().splitlines() if line.startswith("|"))
    assert [name for name in MEASURES if f"`{name}`" not in table] == []
