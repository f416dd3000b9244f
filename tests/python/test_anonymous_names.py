"""Names in anonymous namespaces differ: a unity build joins these namespaces.

Two constants of one name do not compile there; two functions of one name may, and then another one
is called than in a build of single files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("cpp/bindings", "")  # are compiled together; the page's parts are not among the others

DECLARED = re.compile(
    r"^(?!\s)(?:template <.*> )?(?:(?:struct|class|enum class|enum) (?P<type>\w+)"
    r"|using (?P<alias>\w+) ="
    r"|[\w:<>,&*\s\[\]]*?\b(?P<name>\w+)\s*(?:\(|=|\[\]|\{))"
)

MORE = re.compile(r", (?P<name>\w+) = ")  # constants of one declaration


def unity_sources() -> dict[str, list[Path]]:
    """The files that each target of the unity build joins."""
    text = (ROOT / "CMakeLists.txt").read_text()
    page = re.search(r"set\(RELUTOPE_PAGE(.*?)\)", text, re.DOTALL)
    left_out = set(re.findall(r"cpp/[\w/]+\.cpp", page[1] if page else ""))
    found = [p for p in re.findall(r"cpp/[\w/]+\.cpp", text) if p not in left_out]
    found = [p for p in dict.fromkeys(found) if not p.startswith("cpp/wasm/")]
    own = [ROOT / p for p in found if p.startswith("cpp/bindings/")]
    return {"bindings": own, "core": [ROOT / p for p in found if ROOT / p not in own]}


def anonymous_names(path: Path) -> set[str]:
    """What a file declares in its anonymous namespaces."""
    names, inside = set(), False
    for line in path.read_text().splitlines():
        if line == "namespace {":
            inside = True
        elif line.startswith("}  // namespace") and not line[15:].strip():
            inside = False
        elif inside and (match := DECLARED.match(line)):
            names.add(match["type"] or match["alias"] or match["name"])
            names.update(more["name"] for more in MORE.finditer(line))
    return names


def test_no_two_files_give_one_name_to_what_is_their_own():
    for target, paths in unity_sources().items():
        assert len(paths) > 5, target
        users = defaultdict(list)
        for path in paths:
            for name in anonymous_names(path):
                users[name].append(path.relative_to(ROOT).as_posix())
        assert {name: files for name, files in users.items() if len(files) > 1} == {}


def test_the_names_are_found():
    names = anonymous_names(ROOT / "cpp" / "refinement" / "lp" / "cell_program.cpp")
    assert {"few_rows", "interval", "patience"} <= names
    names = anonymous_names(ROOT / "cpp" / "refinement" / "explore" / "dense_search.cpp")
    assert {"overlooked", "early_steps", "late_steps"} <= names
