"""``s2sad cache``."""

from s2sad.backends.numba import cache
from s2sad.cli import main


def test_info_and_clear(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path))
    assert main(["cache", "info"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [f"folder   {tmp_path / 'emitted'}", "modules  0"]
    cache.imported("VALUE = 6\n", "value")
    assert main(["cache", "info"]) == 0
    assert "modules  1" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 0
    assert "modules  1 removed" in capsys.readouterr().out
    assert cache.used().modules == 0
