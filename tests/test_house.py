"""The rules of the house that a reader relies on: every module says what it is for, and no drawer is unlabelled."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("s2sad", "tests", "examples", "benchmarks", "docs")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
# put together, so that this file does not name them either
REGISTRIES = ["py" + "pi.org", "python" + "hosted", "npm" + "js", "deb" + "ian.org"]
CACHES = {"__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache", ".hypothesis"}
TEXT = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".cfg", ""}


def tidy(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=tidy)
def test_module_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{tidy(path)} has no docstring"


def test_no_unlabelled_drawer():
    names = {"utils", "util", "helpers", "misc", "common"}
    assert not [tidy(path) for path in MODULES if path.stem in names or names & set(path.parts[len(ROOT.parts) :])]


def test_no_registry_is_named():
    hosts = re.compile("|".join(map(re.escape, REGISTRIES)))
    files = [path for room in (*ROOMS, ".ci") for path in (ROOT / room).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    named = [
        tidy(path)
        for path in files
        if path.suffix in TEXT and not CACHES & set(path.parts) and hosts.search(path.read_text("utf-8"))
    ]
    assert not named


def test_public_functions_are_documented():
    import s2sad

    public = [name for name in getattr(s2sad, "__all__", ()) if callable(getattr(s2sad, name))]
    undocumented = [name for name in public if not (getattr(s2sad, name).__doc__ or "").strip()]
    assert public
    assert not undocumented
