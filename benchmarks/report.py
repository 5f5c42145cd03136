"""``python -m benchmarks report``: the latest run as a page and a plot in the docs, with the machine named.

The figures themselves are kept beside the page, in ``docs/explanation/benchmarks.jsonl``: the page is what `page`
makes of them, which a test checks.
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import running
from benchmarks.figures import PEERS, PRIMALS_UNDER_NUMBA, Figures

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "explanation"
FIGURES, PAGE, PLOT = (FOLDER / f"benchmarks.{kind}" for kind in ("jsonl", "md", "svg"))
TITLES = {
    "primal": "primal",
    "primal_numba": "primal, Numba",
    "primal_jit": "primal, s2sad.jit",
    "by_hand": "by hand",
    "by_hand_scalars": "by hand, scalars",
    "by_hand_numba": "by hand, Numba",
    "c": "by hand, C",
    "s2sad": "s2sad",
    "s2sad_scalars": "s2sad, scalars",
    "s2sad_numba": "s2sad, Numba",
    "jax": "JAX",
    "torch": "PyTorch",
    "torch_compile": "PyTorch, compiled",
    "autograd": "autograd",
    "casadi": "CasADi",
}
INTRODUCTION = """\
<!-- written by python -m benchmarks report, from benchmarks.jsonl: do not edit -->

# Benchmarks

Every figure is for the value and the gradient together, except those of the primals. All variants of a workload run
in one process and take turns; what is shown is the median over the rounds. Before anything is timed, every variant's
gradient is compared with the adjoint written by hand, to one part in ten million of its largest item; the adjoints by
hand are compared with central differences in `tests/benchmarks`.

*By hand* is what a careful colleague writes in NumPy: the primal's operations and containers, and a reverse sweep
without a call that is not needed. *Scalars* are the same with short vectors as locals and lists in place of
element-indexed arrays. C is compiled by `gcc -O3 -march=native`. The other tools run the program as their users would
write it best: loops as `scan` and `fori_loop` in JAX, as `mapaccum` in CasADi, scalar code over many observations as
arrays or `vmap`; their inputs are converted beforehand, and JAX and CasADi are called compiled.

```text
python -m benchmarks run          # every workload, every variant: one JSON line each
python -m benchmarks targets      # every target with its figure
python -m benchmarks report       # this page
```
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = True) -> str:
    """A Markdown table, its columns of numbers flush right."""
    lines = [heads, ["---", *["---:" if numbers else "---"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def duration(microseconds: float) -> str:
    """A time with three digits and its unit."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("us", 1.0)):
        if microseconds >= size:
            return f"{_three(microseconds / size)} {unit}"
    return f"{_three(1e3 * microseconds)} ns"


def _three(number: float) -> str:
    if number >= 100.0:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 10.0 else f"{number:.2f}"


def machine(environment: dict[str, Any]) -> str:
    """The machine in a sentence."""
    versions = ", ".join(
        f"{name} {environment[name]}"
        for name in ("numpy", "numba", "jax", "torch", "autograd", "casadi")
        if environment.get(name)
    )
    threads = environment.get("threads")
    return (
        f"{environment['processor']}, {environment['cores']} cores, {threads or 'all'} "
        f"thread{'' if threads == 1 else 's'} for each library, {environment['system']}, "
        f"Python {environment['python']}, {environment.get('gcc') or 'no gcc'}; {versions}."
    )


def columns(figures: Figures) -> list[str]:
    """The variants that were timed at least once."""
    return [key for key in TITLES if any(figures.time(name, key) is not None for name in figures.lines)]


def cells(figures: Figures, shown: Callable[[dict[str, Any]], str]) -> str:
    """A table of one entry for each workload and variant."""
    keys = columns(figures)
    rows = [
        [name, *(shown(line["variants"].get(key, {})) for key in keys)] for name, line in sorted(figures.lines.items())
    ]
    return table(["workload", *(TITLES[key] for key in keys)], rows)


def ratios(figures: Figures) -> str:
    """The ratios that the targets speak of."""

    def shown(ratio: float | None) -> str:
        return "" if ratio is None else f"{ratio:.2f}"

    def against(name: str, over: str, variants: Sequence[str]) -> str:
        best, time = figures.fastest(name, variants), figures.time(name, over)
        return "" if best is None or time is None else f"{time / best[1]:.2f}"

    def peer(name: str) -> str:
        best = figures.fastest(name, PEERS)
        return TITLES[best[0]] if best else ""

    rows = [
        [
            name,
            shown(figures.ratio(name, "s2sad", "by_hand")),
            shown(figures.ratio(name, "s2sad", "primal")),
            shown(figures.ratio(name, "s2sad_numba", "c")),
            against(name, "s2sad_numba", PRIMALS_UNDER_NUMBA),
            against(name, "s2sad_numba", PEERS),
            peer(name),
        ]
        for name in sorted(figures.lines)
    ]
    heads = ["workload", "NumPy / by hand", "NumPy / primal", "Numba / C", "Numba / primal", "Numba / best peer"]
    return table([*heads, "best peer"], rows)


def reasons(figures: Figures) -> str:
    """What could not be timed, and why."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, line in sorted(figures.lines.items()):
        for key, variant in line["variants"].items():
            reason = variant.get("unavailable", "")
            for trouble in ("wrong", "failed"):
                reason = f"{trouble}: {variant[trouble]}" if trouble in variant else reason
            if reason and not reason.startswith("not written"):
                found.setdefault((key, reason), []).append(name)
    rows = [
        [TITLES[key], "all" if len(names) == len(figures.lines) else ", ".join(names), short(reason)]
        for (key, reason), names in found.items()
    ]
    return table(["variant", "workloads", "why it has no figure"], rows, numbers=False)


def short(reason: str, limit: int = 160) -> str:
    """A reason as one line of prose, without the paths of a machine."""
    words = [Path(word.split(":")[0]).name if "/" in word else word for word in reason.split()]
    text = " ".join(words).replace("`", "").replace("<", "(").replace(">", ")")
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " ..."


def subjects(names: Iterable[str]) -> str:
    """What each workload is: the first line of its file."""
    rows = []
    for name in sorted(names):
        doc = importlib.import_module(f"benchmarks.workloads.{name}").__doc__ or ""
        rows.append([name, doc.split("\n")[0]])
    return table(["workload", "what it is"], rows, numbers=False)


def page(lines: Sequence[dict[str, Any]]) -> str:
    """The page that says what the lines say."""
    figures = Figures([line for line in lines if "workload" in line])
    machines = list(dict.fromkeys(machine(line["environment"]) for line in lines if "workload" in line))
    costs = [line for line in lines if "cost" in line]
    targets = [line for line in lines if "target" in line]
    verdict = {True: "met", False: "not met", None: "not measured"}
    parts = [
        INTRODUCTION,
        *(f"Machine: {sentence}\n" for sentence in machines),
        "![Time of value and gradient in units of the adjoint by hand in NumPy](benchmarks.svg)\n",
        "## Workloads\n",
        subjects(figures.lines),
        "## Ratios\n",
        ratios(figures),
        "## Times\n",
        cells(figures, lambda v: duration(v["median_us"]) if "median_us" in v else ""),
        "## First call\n",
        "From the program to its first gradient: transformation, compilation and one run.\n",
        cells(figures, lambda v: duration(1e3 * v["first_call_ms"]) if "first_call_ms" in v else ""),
        "## Peak memory\n",
        "What one call adds to the memory of the process at its highest, in MB.\n",
        cells(figures, lambda v: f"{v['peak_kb'] / 1024:.1f}" if v.get("peak_kb") is not None else ""),
        "## Without a figure\n",
        reasons(figures),
        "## Targets\n",
        table(
            ["issue", "target", "figure", ""],
            [[str(t["issue"]), t["target"], short(t["figure"], 400), verdict[t["met"]]] for t in targets],
            numbers=False,
        ),
        "## What spellings cost\n",
        "The same thing written in several ways, nanoseconds: what the emitter chooses by. `x` and `y` are arrays of\n"
        "10,000 items, `u` of 64, `g` of 64 x 64, `z` of 2,000 x 8 x 2, `s` of 3; `p` is a Python float, `q` a NumPy\n"
        "one, `L` a list of lists.\n",
        table(
            ["what", "spellings and nanoseconds"],
            [[c["cost"], "; ".join(f"`{one_line(text)}` {ns:g}" for text, ns in c["ns"].items())] for c in costs],
            numbers=False,
        ),
    ]
    return "\n".join(parts)


def one_line(statement: str) -> str:
    """A statement of several lines on one."""
    return statement.replace("\n", " // ")


def plot(lines: Sequence[dict[str, Any]], path: Path) -> bool:
    """Times in units of the adjoint by hand, as points on a logarithmic axis; False without Matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"  # the same bytes every time
    figures = Figures([line for line in lines if "workload" in line])
    names = sorted(figures.lines, reverse=True)
    markers = {
        "s2sad": "o", "s2sad_scalars": "D", "s2sad_numba": "*", "by_hand": "|", "by_hand_numba": "2", "c": "x",
        "jax": "^", "torch": "s", "torch_compile": "v", "autograd": "P", "casadi": "d",
    }  # fmt: skip
    drawing, axes = pyplot.subplots(figsize=(9.0, 0.4 * len(names) + 1.6))
    for key in columns(figures):
        if key.startswith("primal"):
            continue
        points = [(figures.ratio(name, key, "by_hand"), k) for k, name in enumerate(names)]
        known = [(ratio, k) for ratio, k in points if ratio is not None]
        ours = key.startswith("s2sad")
        axes.plot(
            [ratio for ratio, _ in known],
            [k for _, k in known],
            linestyle="none",
            marker=markers.get(key, "."),
            markersize=10 if ours else 7,
            zorder=3 if ours else 2,
            label=TITLES[key],
        )
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names)
    axes.axvline(1.0, color="0.7", linewidth=0.8, zorder=1)
    axes.grid(axis="y", color="0.93")
    axes.set_xlabel("time of value and gradient, in units of the adjoint by hand in NumPy")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=4, frameon=False, fontsize="small")
    drawing.savefig(path, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(drawing)
    return True


def main(options: argparse.Namespace) -> int:
    """Gather the figures, write them and what is made of them."""
    from benchmarks import costs, targets

    source = Path(options.results) if options.results else running.RESULTS
    lines = running.read(source)
    if not lines:
        raise SystemExit(f"{source} holds no results: python -m benchmarks run")
    lines += [{"cost": name, "ns": costs.nanoseconds(statements)} for name, statements in costs.TOPICS.items()]
    lines += [dict(outcome.__dict__) for outcome in targets.outcomes(Figures(lines[: _runs(lines)]))]
    FIGURES.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    PAGE.write_text(page(lines), "utf-8")
    drawn = plot(lines, PLOT)
    print(f"wrote {FIGURES}, {PAGE}" + (f", {PLOT}" if drawn else "; no plot without Matplotlib"))
    return 0


def _runs(lines: Sequence[dict[str, Any]]) -> int:
    return sum("workload" in line for line in lines)
