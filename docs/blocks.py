"""Code blocks of Markdown files: run them, and compare or rewrite what they claim.

- ` ```python ` blocks of a file run in order in one namespace, as one module that is imported from a file;
- ` ```python ` after ``<!-- shows: EXPRESSION -->`` is what the expression prints, and is kept true;
- ` ```text ` after ``<!-- prints: EXPRESSION -->`` likewise, for anything that is not Python;
- ` ```console ` lines that begin with ``$ s2sad`` run the command line; the lines below are its output;
- a block after ``<!-- not run -->`` is left alone.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import re
import shlex
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block, where its body stands in the text, and the note above it."""

    language: str
    body: str
    note: str
    start: int
    end: int
    number: int

    @property
    def shown(self) -> str | None:
        """The expression whose text the block is, if it is one."""
        for word in ("shows: ", "prints: "):
            if self.note.startswith(word):
                return self.note.removeprefix(word)
        return None


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown text."""
    for number, match in enumerate(_BLOCK.finditer(text), 1):
        note = match["note"] or ""
        yield Block(match["language"], match["body"], note, match.start("body"), match.end("body"), number)


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Page:
    """A page being run: its namespace, and the text with what it claims made true."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        name = "page_" + re.sub(r"\W", "_", path.stem)
        self.module = types.ModuleType(name)
        self.module.__file__ = str(path)

    def run(self) -> str:
        """Run every block; returns the text that the page should have."""
        pieces, done = [], 0
        for block in blocks(self.text):
            pieces += [self.text[done : block.start], self._true_body(block)]
            done = block.end
        return "".join([*pieces, self.text[done:]])

    def _true_body(self, block: Block) -> str:
        if block.note == "not run":
            return block.body
        if block.shown is not None:
            return str(eval(block.shown, vars(self.module))).strip("\n") + "\n"
        if block.language == "python":
            self._execute(block)
        if block.language == "console":
            return "".join(self._session(block.body))
        return block.body

    def _execute(self, block: Block) -> None:
        """Run a block as part of the page's module; its source can be read back, as the compiler does."""
        # the number of the block, not its line: what a page shows must not depend on where it stands
        filename = f"<{self.path.name}, block {block.number}>"
        linecache.cache[filename] = (len(block.body), None, block.body.splitlines(keepends=True), filename)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block.body, filename, "exec"), vars(self.module))

    def _session(self, body: str) -> Iterator[str]:
        """The commands of a console block, each with what it prints now."""
        commands = [line for line in body.splitlines() if line.startswith("$ s2sad ")]
        if not commands:
            yield body
            return
        for command in commands:
            yield f"{command}\n{run_command(command.removeprefix('$ s2sad '))}"


@contextlib.contextmanager
def working_directory(path: Path) -> Iterator[None]:
    """Run from another folder (`contextlib.chdir` needs Python 3.11)."""
    before = os.getcwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def run_command(line: str) -> str:
    """What the command line prints, on both streams."""
    from s2sad.cli import main

    said = io.StringIO()
    with working_directory(ROOT), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        main(shlex.split(line))
    return said.getvalue().rstrip("\n") + "\n"


def true_text(path: Path) -> str:
    """The text that a page should have."""
    return Page(path).run()
