"""Prepared source: kept for each function, also where two are alike."""

import linecache

from s2sad.abstract.functions import prepared

TEXT = "def f(x):\n    return x * x\n"


def defined_in(filename):
    linecache.cache[filename] = (len(TEXT), None, TEXT.splitlines(keepends=True), filename)
    scope = {}
    exec(compile(TEXT, filename, "exec"), scope)
    return scope["f"]


def test_the_same_code_in_two_files_has_two_sources():
    one, other = defined_in("<one>"), defined_in("<other>")
    assert one.__code__ == other.__code__
    assert prepared(one)[0].filename == "<one>"
    assert prepared(other)[0].filename == "<other>"


def test_a_function_is_prepared_once():
    one = defined_in("<once>")
    assert prepared(one) is prepared(one)
