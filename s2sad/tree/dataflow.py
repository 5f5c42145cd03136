"""What a statement or an expression reads, binds and contains: the questions that every pass asks.

Comments are statements too (`comment`), so that they keep their place through the passes; nothing reads them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gast

from s2sad.tree.parts import FIELDS, children, nodes

_COMMENT = "comment"


def comment(text: str) -> gast.stmt:
    """A statement that prints as ``# text`` and does nothing.

    >>> is_comment(comment("reverse sweep")), is_comment(gast.parse("'text'").body[0])
    (True, False)
    """
    return gast.Expr(value=gast.Constant(value=text, kind=_COMMENT))


def is_comment(node: gast.AST) -> bool:
    """Whether a statement is a comment."""
    return node.__class__ is gast.Expr and node.value.__dict__.get("kind") == _COMMENT  # type: ignore[attr-defined]


# ---- expressions ------------------------------------------------------------------------------------------------

DEFERRED = (gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
"""Expressions with a scope of their own, whose parts run later or many times."""
_ATOMS = frozenset([gast.Name, gast.Constant])
_LEAVES = _ATOMS.union(DEFERRED)


def reads(node: gast.AST | None) -> list[str]:
    """The names that an expression reads, in the order of evaluation, repeats kept; those it binds itself left out.

    >>> reads(gast.parse("f(x, [y for y in z if y < w])", mode="eval").body)
    ['f', 'x', 'z', 'w']
    """
    found: list[str] = []
    if node is not None:
        _collect(node, found)
    return found


def _collect(node: gast.AST, found: list[str]) -> None:
    cls: Any = node.__class__
    while cls is gast.BinOp:
        left: Any = node.left  # type: ignore[attr-defined]
        if left.__class__ is gast.Name:
            found.append(left.id)
        else:
            _collect(left, found)
        node = node.right  # type: ignore[attr-defined]
        cls = node.__class__
    if cls is gast.Name:
        found.append(node.id)
    elif cls is gast.Constant:
        pass
    elif cls is gast.Attribute:
        _collect(node.value, found)
    elif cls is gast.Call:
        _collect(node.func, found)
        for item in node.args:
            _collect(item, found)
        for keyword in node.keywords:
            _collect(keyword.value, found)
    elif cls is gast.UnaryOp:
        _collect(node.operand, found)
    elif cls is gast.Subscript:
        _collect(node.value, found)
        _collect(node.slice, found)
    elif isinstance(node, DEFERRED):
        found.extend(captured(node))
    else:
        for child in children(node):
            _collect(child, found)


def captured(node: gast.AST) -> list[str]:
    """The names that a lambda, a comprehension or a nested function takes from outside."""
    inner: list[str] = []
    if isinstance(node, (gast.Lambda, gast.FunctionDef)):
        outside = [name for default in _defaults(node.args) for name in reads(default)]
        bound = own_names(node)
        if isinstance(node, gast.Lambda):
            _collect(node.body, inner)
        else:
            for statement in walk(node.body):
                inner.extend(statement_reads(statement))
                bound.update(binds(statement))
        return outside + [name for name in inner if name not in bound]
    for child in children(node):
        _collect(child, inner)
    bound = own_names(node)
    return [name for name in inner if name not in bound]


def own_names(node: gast.AST) -> set[str]:
    """The names that a lambda, a comprehension or a nested function binds in its own scope."""
    if isinstance(node, (gast.Lambda, gast.FunctionDef)):
        return set(parameters(node.args))
    return {name for part in node.generators for name in reads(part.target)}


def _defaults(args: gast.arguments) -> list[gast.expr]:
    return [default for default in (*args.defaults, *args.kw_defaults) if default is not None]


def parameters(args: gast.arguments) -> list[str]:
    """The names of a function's parameters, in order."""
    extra = [args.vararg] if args.vararg else []
    last = [args.kwarg] if args.kwarg else []
    return [arg.id for arg in (*args.posonlyargs, *args.args, *extra, *args.kwonlyargs, *last)]


def scopes(node: gast.AST) -> list[gast.AST]:
    """The lambdas and comprehensions in an expression, outermost only."""
    found: list[gast.AST] = []
    if node.__class__ not in _ATOMS:
        _find_scopes(node, found)
    return found


def _find_scopes(node: Any, found: list[gast.AST]) -> None:
    while node.__class__ is gast.BinOp:
        if node.left.__class__ not in _ATOMS:
            _find_scopes(node.left, found)
        node = node.right
    if node.__class__ in _LEAVES:
        if node.__class__ not in _ATOMS:
            found.append(node)
        return
    for part in children(node):
        if part.__class__ not in _ATOMS:
            _find_scopes(part, found)


def with_fields(node: Any, **fields: Any) -> Any:
    """A shallow copy of a node with some fields changed; location and the other fields are shared."""
    cls: Any = type(node)
    new = cls.__new__(cls)
    new.__dict__.update(node.__dict__)
    new.__dict__.update(fields)
    return new


def rewrite(node: Any, leave: Callable[[Any], Any], atoms: bool = True) -> Any:
    """Rebuild an expression bottom-up through `leave`; parts that do not change are shared with the old tree.

    Lambdas and comprehensions are handed to `leave` whole: what is in them does not run here.  They, names and
    constants are left out unless `atoms`.
    """
    cls = node.__class__
    if cls in _LEAVES:
        return leave(node) if atoms else node
    if cls is gast.BinOp:
        left, right = node.left, node.right
        new_left = left if not atoms and left.__class__ in _LEAVES else rewrite(left, leave, atoms)
        new_right = right if not atoms and right.__class__ in _LEAVES else rewrite(right, leave, atoms)
        if new_left is left and new_right is right:
            return leave(node)
        return leave(with_fields(node, left=new_left, right=new_right))
    changed = _changed_fields(node, lambda part: rewrite(part, leave, atoms))
    return leave(with_fields(node, **changed) if changed else node)


def rewrite_atoms(node: Any, change: Callable[[Any], Any], above: Callable[[Any], Any] | None = None) -> Any:
    """An expression with `change` of each name, constant, lambda and comprehension in it.

    What holds a part that changed goes through `above`, where that is given; other parts are shared with the old tree.
    """
    cls = node.__class__
    if cls in _LEAVES:
        return change(node)
    if cls is gast.BinOp:
        left, right = node.left, node.right
        new_left = change(left) if left.__class__ in _LEAVES else rewrite_atoms(left, change, above)
        new_right = change(right) if right.__class__ in _LEAVES else rewrite_atoms(right, change, above)
        if new_left is left and new_right is right:
            return node
        new = with_fields(node, left=new_left, right=new_right)
        return new if above is None else above(new)
    changed = _changed_fields(node, lambda part: rewrite_atoms(part, change, above))
    if not changed:
        return node
    return with_fields(node, **changed) if above is None else above(with_fields(node, **changed))


def _changed_fields(node: Any, change: Callable[[Any], Any]) -> dict[str, Any]:
    """The fields of a node in which `change` of a part gives another part."""
    held = node.__dict__
    changed: dict[str, Any] = {}
    for field in FIELDS[node.__class__]:
        value = held.get(field)
        if value.__class__ is list:
            new: Any = [change(item) if isinstance(item, gast.AST) else item for item in value]
            if any(map(operator.is_not, new, value)):
                changed[field] = new
        elif value is not None and isinstance(value, gast.AST):
            new = change(value)
            if new is not value:
                changed[field] = new
    return changed


def rename(node: Any, names: Any) -> Any:
    """Rename every name of an expression, in inner scopes too as far as they take it from outside.

    >>> from s2sad.tree.printer import expression_text
    >>> tree = gast.parse("x + sum(x for y in x)", mode="eval").body
    >>> expression_text(rename(tree, {"x": "z", "y": "w"}))
    'z + sum(z for y in z)'
    """

    def change(part: Any) -> Any:
        cls = part.__class__
        if cls is gast.Name:
            new = names.get(part.id)
            return part if new is None or new == part.id else with_fields(part, id=new)
        if cls is gast.Constant:
            return part
        inner = {key: names[key] for key in captured(part) if key in names and key not in own_names(part)}
        return _rename_inside(part, inner) if inner else part

    return rewrite_atoms(node, change)


def _rename_inside(scope: Any, names: dict[str, str]) -> Any:
    changed: dict[str, Any] = {}
    for field in scope._fields:
        value = scope.__dict__.get(field)
        if isinstance(value, list):
            changed[field] = [_rename_inside(item, names) for item in value if isinstance(item, gast.AST)]
        elif isinstance(value, gast.AST) and not isinstance(value, gast.arguments):
            changed[field] = rename(value, names)
    if isinstance(scope, gast.Lambda):
        defaults = [rename(default, names) for default in scope.args.defaults]
        changed["args"] = with_fields(scope.args, defaults=defaults)
    return with_fields(scope, **changed)


# ---- statements -------------------------------------------------------------------------------------------------


_COMPOUND = frozenset([gast.If, gast.For, gast.While, gast.With, gast.Try])


def blocks(node: gast.stmt) -> tuple[list[gast.stmt], ...]:
    """The bodies of a compound statement."""
    cls: Any = node.__class__
    if cls not in _COMPOUND:
        return ()
    return (node.body, node.orelse) if cls is gast.If else (node.body,)


def handled(node: gast.Try) -> list[gast.stmt]:
    """The statements of the handlers of a ``try``: they note which one it was, or raise."""
    return [part for handler in node.handlers for part in walk(handler.body)]


def walk(body: Iterable[gast.stmt]) -> list[gast.stmt]:
    """Every statement of a body, in the order of the text, compound ones before what they contain."""
    found: list[gast.stmt] = []
    _walk(body, found)
    return found


def _walk(body: Iterable[gast.stmt], found: list[gast.stmt]) -> None:
    for node in body:
        found.append(node)
        if node.__class__ in _COMPOUND:
            for block in blocks(node):
                _walk(block, found)


_SIMPLE = frozenset([gast.Assign, gast.AugAssign, gast.Expr, gast.Return])


def statements_in(node: gast.stmt) -> list[Any]:
    """Every statement in a statement, itself first; those of handlers and of nested functions too."""
    if node.__class__ in _SIMPLE:
        return [node]
    return [part for part in nodes(node) if isinstance(part, gast.stmt)]


def headers(node: gast.stmt) -> list[gast.expr]:
    """The expressions that a statement itself evaluates, in order; bodies left out."""
    cls: Any = node.__class__
    if cls is gast.Assign:
        return [node.value, *(node.targets if not isinstance(node.targets[0], gast.Name) else ())]
    if cls is gast.AugAssign:
        return [node.target, node.value]
    if cls is gast.Expr:
        return [] if is_comment(node) else [node.value]
    if isinstance(node, (gast.If, gast.While)):
        return [node.test]
    if isinstance(node, gast.For):
        return [node.iter]
    if isinstance(node, gast.Return):
        return [node.value] if node.value is not None else []
    if isinstance(node, gast.With):
        return [item.context_expr for item in node.items]
    if isinstance(node, gast.Try):
        classes = [handler.type for handler in node.handlers if handler.type is not None]
        return classes + [part for statement in handled(node) for part in headers(statement)]
    if isinstance(node, gast.Assert):
        return [node.test, *([node.msg] if node.msg else [])]
    if isinstance(node, gast.Raise):
        return [part for part in (node.exc, node.cause) if part is not None]
    return []


def binds(node: gast.stmt) -> list[str]:
    """The names that a statement itself binds; an in-place store binds none."""
    cls: Any = node.__class__
    if cls is gast.Assign:
        first = node.targets[0]
        if first.__class__ is gast.Name and len(node.targets) == 1:
            return [first.id]
        return [name for target in node.targets for name in _bound_by(target)]
    if cls is gast.Expr or cls is gast.If:
        return []
    if cls is gast.AugAssign:
        return [node.target.id] if isinstance(node.target, gast.Name) else []
    if isinstance(node, gast.For):
        return _bound_by(node.target)
    if isinstance(node, gast.With):
        return [name for item in node.items if item.optional_vars for name in _bound_by(item.optional_vars)]
    if isinstance(node, gast.FunctionDef):
        return [node.name]
    if isinstance(node, gast.Try):
        names = [handler.name.id for handler in node.handlers if handler.name is not None]
        return names + [name for statement in handled(node) for name in binds(statement)]
    return []


def _bound_by(target: gast.AST) -> list[str]:
    if isinstance(target, gast.Name):
        return [target.id]
    if isinstance(target, (gast.Tuple, gast.List)):
        return [name for item in target.elts for name in _bound_by(item)]
    return _bound_by(target.value) if isinstance(target, gast.Starred) else []


def statement_reads(node: gast.stmt) -> list[str]:
    """The names that a statement itself reads, bodies left out.

    >>> [statement_reads(s) for s in gast.parse("a[i] += b\\nfor k in range(n): c = k\\nd = a").body]
    [['a', 'i', 'b'], ['range', 'n'], ['a']]
    """
    cls: Any = node.__class__
    if cls is gast.Assign and len(node.targets) == 1 and node.targets[0].__class__ is gast.Name:
        return reads(node.value)
    if cls is gast.FunctionDef:
        return captured(node)
    found: list[str] = []
    if is_comment(node):
        return found
    for part in headers(node):
        found.extend(reads(part))
    if isinstance(node, gast.Try):
        caught = {handler.name.id for handler in node.handlers if handler.name is not None}
        return [name for name in found if name not in caught]
    if isinstance(node, gast.Assign):  # the names in a tuple target are bound, not read
        bound = set(binds(node))
        found = reads(node.value) + [
            name for target in node.targets for name in reads(target) if name not in bound
        ]
    return found


def is_copy(node: gast.stmt) -> bool:
    """Whether a statement is ``name = name``."""
    return (
        node.__class__ is gast.Assign
        and node.value.__class__ is gast.Name  # type: ignore[attr-defined]
        and assigned(node) is not None
    )


def assigned(node: gast.stmt) -> str | None:
    """The name that ``name = value`` binds, else None."""
    if node.__class__ is gast.Assign:
        targets = node.targets  # type: ignore[attr-defined]
        if len(targets) == 1 and targets[0].__class__ is gast.Name:
            return targets[0].id  # type: ignore[no-any-return]
    return None


def stored(node: gast.stmt) -> str | None:
    """The name whose object ``name[...] = value`` or ``name[...] op= value`` writes into, else None."""
    cls: Any = node.__class__
    if cls is gast.Assign and len(node.targets) == 1:
        target = node.targets[0]
    elif cls is gast.AugAssign:
        target = node.target
    else:
        return None
    if target.__class__ is gast.Name or not isinstance(target, (gast.Subscript, gast.Attribute)):
        return None
    while isinstance(target, (gast.Subscript, gast.Attribute)):
        target = target.value
    return target.id if isinstance(target, gast.Name) else None


def definitions(body: Iterable[gast.stmt]) -> dict[str, int]:
    """How many statements bind each name."""
    counts: dict[str, int] = {}
    for node in walk(body):
        for name in binds(node):
            counts[name] = counts.get(name, 0) + 1
    return counts


def bound_within(body: Iterable[gast.stmt]) -> set[str]:
    """Every name that a body binds, nested bodies included."""
    return {name for node in walk(body) for name in binds(node)}


def rewritten(node: Any, leave: Callable[[Any], Any]) -> Any:
    """A statement, its blocks left as they are, with `rewrite` of all that it evaluates and of the place it stores to.

    >>> node = gast.parse("a[i] = a[j]").body[0]
    >>> def leave(part):
    ...     return part.slice if isinstance(part, gast.Subscript) else part
    >>> new = rewritten(node, leave)
    >>> new.targets[0].id, new.value.id
    ('i', 'j')
    """
    fields: dict[str, Any] = {}
    if isinstance(node, gast.Assign):
        fields["targets"] = [rewrite(node.targets[0], leave)]
    if isinstance(node, gast.AugAssign):
        fields["target"] = rewrite(node.target, leave)
    return with_fields(map_headers(node, lambda part: rewrite(part, leave)), **fields)


def map_headers(node: gast.stmt, change: Callable[[Any], Any]) -> gast.stmt:
    """The same statement with `change` applied to each expression that it evaluates; bound names stay."""
    fields: dict[str, Any] = {}
    if isinstance(node, gast.Assign):
        value = change(node.value)
        if node.targets[0].__class__ is not gast.Subscript:
            return node if value is node.value else with_fields(node, value=value)
        fields["value"] = value
        fields["targets"] = [_map_target(node.targets[0], change)]
    elif isinstance(node, gast.AugAssign):
        fields["value"] = change(node.value)
        fields["target"] = _map_target(node.target, change)
    elif isinstance(node, gast.With):
        items = [with_fields(item, context_expr=change(item.context_expr)) for item in node.items]
        fields["items"] = items
    elif isinstance(node, gast.Try):
        fields["handlers"] = [_map_handler(handler, change) for handler in node.handlers]
    elif is_comment(node):
        return node
    else:
        for field in ("value", "test", "iter", "msg", "exc", "cause"):
            value = node.__dict__.get(field)
            if isinstance(value, gast.AST):
                fields[field] = change(value)
    if all(node.__dict__.get(key) is value for key, value in fields.items()):
        return node
    return with_fields(node, **fields)


def _map_handler(handler: Any, change: Callable[[Any], Any]) -> Any:
    """A handler with `change` applied to the expressions in it."""

    def body(statements: Sequence[gast.stmt]) -> list[gast.stmt]:
        return [map_blocks(map_headers(statement, change), body) for statement in statements]

    kind = None if handler.type is None else change(handler.type)
    return with_fields(handler, type=kind, body=body(handler.body))


def _map_target(target: Any, change: Callable[[Any], Any]) -> Any:
    """A store's target with its object and index rewritten: the object must stay something that can be stored into."""
    if not isinstance(target, (gast.Subscript, gast.Attribute)):
        return target
    value = change(target.value)
    value = value if isinstance(value, (gast.Name, gast.Subscript, gast.Attribute)) else target.value
    fields = {"value": value}
    if isinstance(target, gast.Subscript):
        fields["slice"] = change(target.slice)
    if all(target.__dict__[key] is part for key, part in fields.items()):
        return target
    return with_fields(target, **fields)


def map_blocks(node: gast.stmt, change: Callable[[list[gast.stmt]], list[gast.stmt]]) -> gast.stmt:
    """The same compound statement with `change` applied to each of its bodies."""
    if isinstance(node, gast.If):
        return with_fields(node, body=change(node.body), orelse=change(node.orelse) if node.orelse else [])
    if isinstance(node, (gast.For, gast.While, gast.With, gast.Try)):
        return with_fields(node, body=change(node.body))
    return node


def rename_statement(node: gast.stmt, names: Any) -> gast.stmt:
    """The same statement, bodies left out, with every name that it reads or binds renamed."""
    if isinstance(node, gast.FunctionDef):
        return _rename_function(node, names)
    if assigned(node) is not None:
        value, (place,) = node.value, node.targets  # type: ignore[attr-defined]
        return with_fields(node, value=rename(value, names), targets=[rename(place, names)])  # type: ignore[no-any-return]
    if is_comment(node):
        return node
    fields: dict[str, Any] = {}
    for field in node._fields:
        value = node.__dict__.get(field)
        if field in ("body", "orelse"):
            continue
        if field == "handlers":
            fields[field] = [_rename_handler(handler, names) for handler in value]
        elif isinstance(value, list):
            fields[field] = [rename(item, names) if isinstance(item, gast.AST) else item for item in value]
        elif isinstance(value, gast.AST) and value._fields:
            fields[field] = rename(value, names)
    return with_fields(node, **fields)


def _rename_handler(handler: Any, names: Any) -> Any:
    parts = {
        key: rename(getattr(handler, key), names)
        for key in ("type", "name")
        if getattr(handler, key) is not None
    }
    return with_fields(handler, body=rename_body(handler.body, names), **parts)


def _rename_function(node: gast.FunctionDef, names: Any) -> gast.FunctionDef:
    inner = {key: names[key] for key in captured(node) if key in names}
    body = rename_body(node.body, inner)
    defaults = [rename(default, names) for default in node.args.defaults]
    args = with_fields(node.args, defaults=defaults)
    return with_fields(node, name=names.get(node.name, node.name), body=body, args=args)  # type: ignore[no-any-return]


def rename_body(body: Sequence[gast.stmt], names: Any) -> list[gast.stmt]:
    """A body with every name renamed."""
    return [
        map_blocks(rename_statement(node, names), lambda block: rename_body(block, names)) for node in body
    ]


def upright(node: Any) -> gast.stmt:
    """A branch that only has an else part left, turned round."""
    if isinstance(node, gast.If) and not _has_statements(node.body) and _has_statements(node.orelse):
        test = node.test
        inner = test.operand if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not) else None
        negated = gast.UnaryOp(op=gast.Not(), operand=test) if inner is None else inner
        return with_fields(node, test=negated, body=node.orelse, orelse=[])  # type: ignore[no-any-return]
    return node  # type: ignore[no-any-return]


def _has_statements(body: Sequence[gast.stmt]) -> bool:
    return not all(map(is_comment, body))
