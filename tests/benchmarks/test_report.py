"""The page in the docs says what its figures say, and names the machine."""

import json

import pytest

from benchmarks import report, running
from benchmarks.variants import VARIANTS

ENVIRONMENT = {
    "processor": "Abacus 9", "cores": 2, "threads": 1, "system": "Linux", "python": "3.11.7", "gcc": "gcc 12", "numpy": "2.4"
}  # fmt: skip
LINES = [
    {
        "workload": "smooth",
        "kinds": ["loop"],
        "variants": {
            "primal": {"median_us": 10.0, "min_us": 9.0, "first_call_ms": 0.1, "peak_kb": 2048},
            "by_hand": {"median_us": 20.0, "min_us": 19.0, "first_call_ms": 0.1, "peak_kb": None},
            "s2sad": {"median_us": 25.0, "min_us": 24.0, "first_call_ms": 12.0},
            "jax": {"unavailable": "jax is not installed"},
            "torch": {"wrong": "item 1 differs by 1.0e-03 of its largest item"},
        },
        "environment": ENVIRONMENT,
    },
    {"cost": "tape", "ns": {"t = []\nt.append(p)": 12.5}},
    {"issue": 4, "target": "as fast as by hand", "figure": "smooth 1.25", "met": False},
]


def test_the_committed_page_is_made_from_the_committed_figures():
    lines = running.read(report.FIGURES)
    assert report.page(lines) == report.PAGE.read_text("utf-8")
    assert report.PLOT.is_file()


def test_what_a_page_says():
    page = report.page(LINES)
    assert "Machine: Abacus 9, 2 cores, 1 thread for each library, Linux, Python 3.11.7, gcc 12; numpy 2.4." in page
    assert "| smooth | 1.25 | 2.50 |  |  |  |  |" in page
    assert "| smooth | 10.0 us | 20.0 us | 25.0 us |" in page
    assert "| smooth | 2.0 |  |  |" in page
    assert "| JAX | all | jax is not installed |" in page
    assert "| PyTorch | all | wrong: item 1 differs by 1.0e-03 of its largest item |" in page
    assert "| tape | `t = [] // t.append(p)` 12.5 |" in page
    assert "| 4 | as fast as by hand | smooth 1.25 | not met |" in page


def test_every_variant_has_a_title():
    assert set(report.TITLES) == set(VARIANTS)
    assert all(report.TITLES[name] for name in VARIANTS)


@pytest.mark.parametrize(
    "microseconds, text", [(0.2345, "234 ns"), (1.0, "1.00 us"), (2345.6, "2.35 ms"), (2.5e7, "25.0 s")]
)
def test_durations(microseconds, text):
    assert report.duration(microseconds) == text


def test_the_plot_is_the_same_every_time(tmp_path):
    pytest.importorskip("matplotlib")
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    assert report.plot(LINES, first)
    assert report.plot(LINES, second)
    assert first.read_bytes() == second.read_bytes()


def test_a_report_needs_results(tmp_path):
    class Options:
        results = str(tmp_path / "none.jsonl")

    with pytest.raises(SystemExit, match="holds no results"):
        report.main(Options())


def test_lines_are_json():
    for line in report.FIGURES.read_text("utf-8").splitlines():
        json.loads(line)
