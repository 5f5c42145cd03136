"""Checks of derivatives against differences of the primal, and of the modes against each other: for users and us."""

from s2sad.testing.dot_product import dot_product_test
from s2sad.testing.finite_differences import central_difference, complex_step, numerical_gradient
from s2sad.testing.grads import check_grads

__all__ = ["central_difference", "check_grads", "complex_step", "dot_product_test", "numerical_gradient"]
