"""linalg: both modes of every rule body, and the types of the results against their values."""

import pytest

from s2sad.rules import linalg
from tests.unit.rules.body_checks import cases, check, check_single_precision, check_type, label

CASES = [case for case in cases(linalg) if case[0].wrt or case[0].kind == "template"]


@pytest.mark.parametrize("case", CASES, ids=label)
def test_both_modes(case):
    check(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_single_precision(case):
    check_single_precision(*case)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_type_agrees_with_value(case):
    check_type(*case)
