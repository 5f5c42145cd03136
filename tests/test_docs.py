"""The documentation is true: its code runs, its output is what it says, its reference is generated, its links lead on."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from docs import blocks, generate, targets
from s2sad import grad
from s2sad.cli import main
from s2sad.testing import central_difference

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = [page for page in blocks.pages() if page not in generate.GENERATED]


def tidy(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", WRITTEN, ids=tidy)
def test_page_is_true(page):
    """Every block runs, and every block that shows something shows it (``python -m docs.generate`` rewrites it)."""
    assert page.read_text(encoding="utf-8") == blocks.true_text(page)


@pytest.mark.parametrize("page", generate.GENERATED, ids=tidy)
def test_reference_is_up_to_date(page):
    """``python -m docs.generate`` writes it."""
    committed = page.read_text(encoding="utf-8")
    if page.stem in ("numpy-coverage", "rules") and generate.versions() not in committed:
        pytest.skip("the page was generated with other versions")
    assert committed == generate.generated_text(page)


@pytest.mark.parametrize("page", blocks.pages(), ids=tidy)
def test_links_lead_somewhere(page):
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", prose)
    assert not [link for link in links if not (page.parent / link).exists()]


def commands() -> list[str]:
    """The command lines in the pages that name a file of ours."""
    lines = {line for page in WRITTEN for line in page.read_text(encoding="utf-8").splitlines()}
    return sorted(line.removeprefix("$ ") for line in lines if line.startswith("$ s2sad ") and "examples/" in line)


@pytest.mark.parametrize("command", commands())
def test_commands_run(command, monkeypatch, capsys):
    if "--backend numba" in command:
        pytest.importorskip("numba")
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out


def same(got, expected):
    if isinstance(expected, dict):
        return all(same(got[key], expected[key]) for key in expected)
    if isinstance(expected, tuple):
        return all(map(same, got, expected))
    return np.allclose(got, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name, arguments, wrt", generate.TARGETS, ids=[name for name, *_ in generate.TARGETS])
def test_targets_agree_with_what_is_emitted(name, arguments, wrt):
    """The adjoint by hand, s2sad's, and central differences are the same."""
    primal = getattr(targets, name)
    by_hand = getattr(targets, f"{name}_grad")(*arguments())
    emitted = grad(primal, argnums=wrt)(*arguments())
    assert same(emitted, by_hand)
    if not isinstance(arguments()[0], dict):
        first = emitted[0] if isinstance(wrt, tuple) else emitted
        direction = np.ones_like(first) if np.ndim(first) else 1.0
        rest = [None] * (len(arguments()) - 1)
        slope = central_difference(primal, arguments(), [direction, *rest])
        assert np.sum(first * direction) == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_the_readme_says_how_to_run_and_test():
    commands = [block.body for block in blocks.blocks((ROOT / "README.md").read_text()) if block.language == "console"]
    run, test = commands
    assert "python3 -m venv" in run
    assert "examples/terrain_crossing.py" in run
    assert "python3 -m venv" in test
    assert "-m pytest" in test


def test_the_glossary_has_every_term():
    glossary = (ROOT / "docs/explanation/glossary.md").read_text()
    for term in ("primal", "tangent", "cotangent", "adjoint", "pullback", "partial", "transpose", "varied", "useful",
                 "active", "to-be-recorded", "tape", "joint", "split", "shadow", "checkpoint", "kink", "core", "flat",
                 "lower", "emit"):  # fmt: skip
        assert term in glossary
