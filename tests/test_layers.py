"""The floors of the house: a module imports only from its own floor or from below."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "s2sad"
FLOORS = [
    {"errors", "names"},
    {"tree"},
    {"core", "objects", "program", "signature", "structure", "options", "highlight"},
    {"runtime"},
    {"rules"},
    {"syntax", "analysis", "abstract"},
    {"sweep", "batch"},
    {"passes"},
    {"tracebacks", "load", "pipeline", "backends", "assembly"},
    {
        "arguments", "contents", "dispatch", "entry", "kept", "single_use", "linking", "specialization", "report", "derivative",
        "seeds",
    },
    {"whole"},
    {"jacobians"},
    {"api", "lifting", "nested"},
    {"testing"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem in LEVEL)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The rooms of s2sad that a module imports, at its top or inside a function."""
    package = ("s2sad", *path.relative_to(ROOT).parts[:-1])
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            stem = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            names += [f"{stem}{node.module or ''}".rstrip(".") + f".{alias.name}" for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("s2sad.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    above = {room for room in imported(path) if LEVEL.get(room, -1) > LEVEL[room_of(path)]}
    assert not above, f"{path.relative_to(ROOT)} imports from a floor above: {sorted(above)}"


def test_every_room_has_a_floor():
    rooms = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert rooms - {"__init__", "__main__", "__pycache__", "py"} <= set(LEVEL)


def passes() -> list[Path]:
    return [path for path in sorted((ROOT / "passes").rglob("*.py")) if path.name != "__init__.py"]


@pytest.mark.parametrize("path", passes(), ids=lambda path: path.stem)
def test_no_pass_imports_another(path):
    mine = path.relative_to(ROOT / "passes").parts[0].removesuffix(".py")
    tree = ast.parse(path.read_text())
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    others = {name for name in modules if name.startswith("s2sad.passes.") and name.split(".")[2] != mine}
    assert not others, f"{path.name} imports {sorted(others)}"


def test_runtime_imports_numpy_only():
    for path in (ROOT / "runtime").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        roots = {name.split(".")[0] for name in names} - {"numpy", "s2sad", "__future__"}
        assert roots <= set(STANDARD), f"{path.name} imports {sorted(roots)}"


STANDARD = {"collections", "functools", "math", "operator", "typing", "dataclasses", "itertools", "builtins", "sys", "types", "importlib", "os", "pickle", "shutil", "statistics", "tempfile", "weakref"}
