"""What is accepted and stays as it is."""

from __future__ import annotations

import gast

TITLE = "plain statements and expressions"

STATEMENTS = (gast.Assign, gast.Return, gast.If, gast.Break, gast.Continue, gast.Raise)
VALUES = (
    gast.Name,
    gast.Constant,
    gast.Tuple,
    gast.List,
    gast.Dict,
    gast.Set,
    gast.JoinedStr,
    gast.FormattedValue,
)
OPERATIONS = (gast.BinOp, gast.UnaryOp, gast.Call, gast.Attribute, gast.Subscript, gast.Slice, gast.Starred)
PARTS = (gast.arguments, gast.keyword, gast.withitem, gast.comprehension)

NODES = (*STATEMENTS, *VALUES, *OPERATIONS, *PARTS)
