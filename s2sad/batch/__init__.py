"""Several directions at once: derivatives with one leading axis, and how each primitive carries it through.

A tangent or cotangent of shape ``s`` becomes an array of shape ``(k, *s)``, one row per direction; the one of a number
becomes a vector.  Containers keep their structure, and their leaves get the axis.  `expressions` and `statements` are
the transform; the other modules hold the batched form of one family of primitives each.
"""
