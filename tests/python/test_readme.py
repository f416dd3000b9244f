"""The README's example gives what it says."""

import doctest
import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_first_result():
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    example = doctest.DocTestParser().get_doctest(blocks[0], {}, "README", str(README), 0)
    assert len(example.examples) == 8
    assert doctest.DocTestRunner().run(example).failed == 0
