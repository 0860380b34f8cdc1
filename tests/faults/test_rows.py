"""Every fault that must not hurt has a test that names it, or a written reason why it has none."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = frozenset(range(1, 51))
# What one machine cannot bring about; what stands in for it has a test all the same.
REASONS = {
    4: "power cannot be taken away from a process: the order of the calls that make a rename safe is tested",
    41: "workers are threads, so that shared memory is not used at all: that no file is left there is tested",
    47: "where the system kills for memory, nothing of ours runs any more: what libraries raise is tested",
}
MARK = re.compile(r"Fault (\d+): \S")


def marked(path):
    """Yield the numbers of the faults that the tests of a file name in their docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found = MARK.match(ast.get_docstring(node) or "")
            if found:
                yield int(found[1])


def test_every_row_has_a_test_that_says_what_it_guards():
    """A row is named by ``Fault N:`` at the beginning of a docstring."""
    found = {number for path in TESTS.rglob("test_*.py") for number in marked(path)}
    assert found <= ROWS
    assert ROWS - found - set(REASONS) == set()
