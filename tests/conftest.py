"""Options of the test suite."""


def pytest_addoption(parser):
    parser.addoption("--fuzz-count", type=int, default=300, help="programs that the fuzzer tries per profile")
    parser.addoption("--fuzz-seed", type=int, default=0, help="seed of the first of them")
