"""Colours for Python source, on a terminal and in a notebook."""

from __future__ import annotations

import html
import io
import keyword
import tokenize
from collections.abc import Iterator

_ANSI = {"comment": "90", "keyword": "35", "string": "32", "number": "36", "defined": "34;1"}
_CSS = {
    "comment": "#6a737d",
    "keyword": "#a626a4",
    "string": "#50a14f",
    "number": "#986801",
    "defined": "#4078f2",
}


def to_terminal(source: str) -> str:
    """`source` with ANSI colours; the text is unchanged otherwise."""
    return "".join(
        f"\x1b[{_ANSI[kind]}m{text}\x1b[0m" if kind in _ANSI else text for kind, text in _pieces(source)
    )


def to_html(source: str) -> str:
    """`source` as one HTML element with inline colours."""
    body = "".join(
        f'<span style="color:{_CSS[kind]}">{html.escape(text)}</span>' if kind in _CSS else html.escape(text)
        for kind, text in _pieces(source)
    )
    return f'<pre style="overflow-x:auto"><code>{body}</code></pre>'


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    """The text in order, cut into pieces with their kind; joined, they are the text."""
    lines = source.splitlines(keepends=True)
    line, column, previous = 1, 0, ""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        yield "", source
        return
    for token in tokens:
        if token.start == token.end or token.type in (tokenize.NEWLINE, tokenize.NL):
            continue
        yield "", _between(lines, (line, column), token.start)
        yield _kind(token, previous), _between(lines, token.start, token.end)
        (line, column), previous = token.end, token.string
    yield "", _between(lines, (line, column), (len(lines) + 1, 0))


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]] if start[0] <= len(lines) else ""
    first = lines[start[0] - 1][start[1] :]
    last = lines[end[0] - 1][: end[1]] if end[0] <= len(lines) else ""
    return first + "".join(lines[start[0] : end[0] - 1]) + last


def _kind(token: tokenize.TokenInfo, previous: str) -> str:
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type == tokenize.STRING:
        return "string"
    if token.type == tokenize.NUMBER:
        return "number"
    if keyword.iskeyword(token.string):
        return "keyword"
    return "defined" if previous in ("def", "class") else ""
