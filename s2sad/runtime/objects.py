"""What emitted code calls to make objects of the user's classes."""

from __future__ import annotations

from s2sad.objects import instance, replaced

__all__ = ["instance", "replaced"]
