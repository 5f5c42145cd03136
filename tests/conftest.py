"""Options of the tests."""

import os

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--bless", action="store_true", help="rewrite the golden files to what the compiler emits now: read the diff"
    )
    parser.addoption(
        "--whole-corpus", action="store_true", help="all of what is sampled of the corpus, Numba first of all: an hour"
    )
    parser.addoption(
        "--all-orders", action="store_true", help="take every program, not a fixed sample, beyond the first derivative"
    )
    parser.addoption("--fuzz-count", type=int, default=200, help="programs that the fuzzer tries per profile")
    parser.addoption("--fuzz-seed", type=int, default=0, help="seed of the first of them")


def pytest_configure(config):
    if config.getoption("--bless") and os.environ.get("CI"):
        raise pytest.UsageError("--bless on CI: golden files are blessed by a person who has read them")
