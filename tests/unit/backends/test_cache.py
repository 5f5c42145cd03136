"""What Numba compiled stays on disk: found by another process, rebuilt where it is damaged, removed on request."""

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from s2sad.backends.numba import cache

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import math
from s2sad import value_and_grad

def iterate(x, n):
    s = 0.5
    for _ in range(n):
        s = s * x + math.sin(s)
    return s

compiled = value_and_grad(iterate, backend="numba")
print(repr(compiled(0.4, 10)))
made = compiled.specialize(0.4, 10)
found = made.compiled.function
stats = (found if hasattr(found, 'stats') else found.__wrapped__).stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def run(tmp_path, folder=None):
    """The program's result, and how often the second process found what it needed."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "S2SAD_CACHE_DIR": str(folder or tmp_path / "kept")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    value, counts = done.stdout.splitlines()
    return value, tuple(map(int, counts.split()))


def kept(tmp_path, pattern):
    return sorted((tmp_path / "kept" / "emitted").rglob(pattern))


@pytest.mark.slow
def test_another_process_finds_it(tmp_path):
    first = run(tmp_path)
    assert first[1] == (0, 1)
    assert len(kept(tmp_path, "*.py")) == 1
    assert run(tmp_path) == (first[0], (1, 0))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc", "*.py"])
def test_a_damaged_entry_is_rebuilt(tmp_path, pattern):
    first = run(tmp_path)
    for path in kept(tmp_path, pattern):
        path.write_bytes(b"\x80damaged")
    again = run(tmp_path)
    assert again[0] == first[0]
    assert run(tmp_path) == (first[0], (1, 0))


@pytest.mark.slow
def test_processes_that_compile_at_the_same_time(tmp_path):
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: run(tmp_path)[0], range(3)))
    assert len(set(results)) == 1
    assert len(kept(tmp_path, "*.py")) == 1
    assert not kept(tmp_path, "*.tmp")


@pytest.mark.slow
def test_a_folder_that_cannot_be_written(tmp_path):
    folder = tmp_path / "file"
    folder.write_text("in the way")
    value, _ = run(tmp_path, folder)
    assert value == run(tmp_path)[0]


def test_the_folder_follows_the_platform(monkeypatch):
    monkeypatch.delenv("S2SAD_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.folder() == Path("/somewhere/s2sad/emitted")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.folder().parts[-4:] == ("Library", "Caches", "s2sad", "emitted")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache.folder() == Path("/local/s2sad/Cache/emitted")
    monkeypatch.setenv("S2SAD_CACHE_DIR", "/chosen")
    assert cache.folder() == Path("/chosen/emitted")


def test_a_text_is_one_file(tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    module = cache.imported("VALUE = 3\n", "value")
    path = Path(module.__file__)
    written = path.stat().st_mtime_ns
    assert cache.imported("VALUE = 3\n", "value") is module
    assert path.stat().st_mtime_ns == written
    assert cache.imported("VALUE = 4\n", "value").VALUE == 4
    assert cache.used().modules == 2


def test_clearing_leaves_other_files_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    mine = tmp_path / "mine.py"
    mine.write_text("MINE = 1\n")
    cache.imported("VALUE = 5\n", "value")
    assert cache.clear().modules == 1
    assert cache.used() == (tmp_path / "emitted", 0, 0, 0)
    assert mine.exists()
