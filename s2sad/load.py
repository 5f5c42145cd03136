"""Interim loader (helper's arrives)."""
import linecache
def load(text, name, fun, objects, filename):
    space = dict(fun.__globals__); space.update({k: v for k, v in objects.items() if "." not in k})
    fn = f"<s2sad {name}>"
    linecache.cache[fn] = (len(text), None, text.splitlines(True), fn)
    exec(compile(text, fn, "exec"), space)
    return space[name]
