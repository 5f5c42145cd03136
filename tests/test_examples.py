"""The examples run, find what they are meant to find, and write their plots."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad import check_grads, grad

FOLDER = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def example(request):
    """The module of an example, imported from its file."""
    name = request.param
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def use(name):
    return pytest.mark.parametrize("example", [name], indirect=True)


def is_png(file):
    return file.read_bytes().startswith(b"\x89PNG") and file.stat().st_size > 5_000


@pytest.mark.smoke
@use("terrain_crossing")
def test_terrain_crossing_finds_the_optimum(example, capsys):
    optimum = example.main([])
    printed = capsys.readouterr().out
    assert "def calc_time" in printed
    assert "after 20 steps of size 1.5 from (2.0, 17.0)" in printed
    # the descent by hand, with the gradient written out
    x1, x2 = 2.0, 17.0
    for _ in range(20):
        rest = example.h - x1 - x2
        slope = rest / np.hypot(rest, example.d) / example.v3
        g1 = x1 / np.hypot(x1, example.d) / example.v1 - slope
        g2 = x2 / np.hypot(x2, example.d) / example.v2 - slope
        x1, x2 = x1 - 1.5 * g1, x2 - 1.5 * g2
    assert optimum == pytest.approx([x1, x2], rel=1e-9)
    assert example.calc_time.primal(optimum) == pytest.approx(81.916383, abs=1e-5)
    assert max(map(abs, example.calc_time(optimum))) < 0.2


@use("terrain_crossing")
def test_terrain_crossing_is_near_the_true_minimum(example):
    optimum = pytest.importorskip("scipy.optimize").minimize(example.calc_time.primal, example.START)
    further = example.descend(steps=200)[-1]
    assert further == pytest.approx(list(optimum.x), abs=1e-3)


@use("terrain_crossing")
def test_terrain_crossing_plots(example, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    example.main(["--plot", str(tmp_path)])
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["terrain_landscape.png", "terrain_progress.png", "terrain_routes.png"]
    assert all(map(is_png, files))


@pytest.mark.smoke
@use("inverse_polynomial")
def test_inverse_polynomial(example, capsys):
    x = example.main([])
    assert example.polynomial(x) == pytest.approx(42.0, abs=1e-9)
    real = [r.real for r in np.roots([1.0, -2.0, 3.0, 5.0 - 42.0]) if abs(r.imag) < 1e-9]
    assert x == pytest.approx(real[0], abs=1e-9)
    assert "def squared_error" in capsys.readouterr().out


@use("inverse_polynomial")
def test_inverse_polynomial_plot(example, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    example.main(["--plot", str(tmp_path)])
    assert is_png(tmp_path / "inverse_polynomial.png")


@use("scipy_fit")
def test_scipy_fit(example, capsys):
    pytest.importorskip("scipy")
    by_gradient, by_jacobian = example.main([])
    assert by_gradient == pytest.approx(by_jacobian, abs=1e-4)
    assert by_gradient == pytest.approx(example.TRUE, abs=0.1)


@use("scipy_fit")
def test_scipy_fit_jacobian(example):
    t, y = example.make_data(n=7)
    numeric = np.stack(
        [
            (example.residuals(example.START + e, t, y) - example.residuals(example.START - e, t, y)) / 2e-6
            for e in 1e-6 * np.eye(4)
        ],
        axis=1,
    )
    assert np.allclose(example.jacobian_rows(example.START, t, y), numeric, atol=1e-7)


@use("scipy_fit")
def test_scipy_fit_plot(example, tmp_path, capsys):
    pytest.importorskip("scipy")
    pytest.importorskip("matplotlib")
    example.main(["--plot", str(tmp_path)])
    assert is_png(tmp_path / "scipy_fit.png")


@use("mlp")
def test_mlp_learns(example, capsys):
    assert example.main([]) >= 0.99


@use("mlp")
def test_mlp_plot(example, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    x, target = example.make_spirals(n=20)
    params, history = example.train(example.make_parameters(), x, target, steps=5)
    assert history[-1] < history[0]
    assert is_png(example.write_plot(params, x, target, history, tmp_path))


@use("rocket_landing")
def test_rocket_lands_upright_on_the_spot(example, capsys):
    end = example.main([])
    assert "touches down" in capsys.readouterr().out
    assert max(abs(end["x"]), abs(end["y"])) < 0.05
    assert np.hypot(end["vx"], end["vy"]) < 0.05
    assert abs(end["angle"]) < 0.01


@use("rocket_landing")
def test_rocket_gradient(example):
    controls = 0.3 * np.sin(np.arange(2.0 * example.KNOTS)).reshape(-1, 2)
    check_grads(example.landing_cost, (controls,), rtol=1e-4)
    kept = grad(example.landing_cost).explain(controls).bytes
    assert kept < 32_000


@use("rocket_landing")
def test_rocket_plot(example, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    example.main(["--iterations", "3", "--plot", str(tmp_path)])
    assert is_png(tmp_path / "rocket_landing.png")


@use("rod_temperature")
def test_rod_temperature_is_recovered(example, capsys):
    profile = example.main(["--iterations", "40"])
    assert "kept for the reverse sweep" in capsys.readouterr().out
    assert np.max(np.abs(profile - example.truth())) < 0.1
    measured = example.diffused(example.truth(), example.STEPS, example.DIFFUSIVITY)
    assert np.max(np.abs(measured - example.truth())) > 0.15


@use("rod_temperature")
def test_rod_temperature_plot(example, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    example.main(["--iterations", "2", "--plot", str(tmp_path)])
    assert is_png(tmp_path / "rod_temperature.png")
@use("logistic_regression")
def test_logistic_regression(example, capsys):
    pytest.importorskip("scipy")
    weights, errors = example.main([])
    assert np.all(np.abs(weights - example.TRUE) < 3.0 * errors)
    x, y = example.make_data()
    z = x @ weights  # the gradient by hand is zero there
    gradient = x.T @ (1.0 / (1.0 + np.exp(-z)) - y) / len(y) + 1e-3 * weights
    assert np.max(np.abs(gradient)) < 1e-8
    p = 1.0 / (1.0 + np.exp(-z))
    by_hand = x.T @ (x * (p * (1.0 - p))[:, None]) / len(y) + 1e-3 * np.eye(3)
    np.testing.assert_allclose(example.loss_hessian(weights, x, y), by_hand, rtol=1e-9)
    np.testing.assert_allclose(example.loss_hvp(weights, y[:3], x, y), by_hand @ y[:3], rtol=1e-9, atol=1e-12)


@use("logistic_regression")
def test_logistic_regression_plot(example, tmp_path, capsys):
    pytest.importorskip("scipy")
    pytest.importorskip("matplotlib")
    example.main(["--plot", str(tmp_path)])
    assert is_png(tmp_path / "logistic_regression.png")


@use("physics_informed")
def test_physics_informed(example, capsys):
    pytest.importorskip("scipy")
    assert example.main([]) < 0.01
    assert "network_elementwise_grad" in capsys.readouterr().out


@use("physics_informed")
def test_physics_informed_derivatives(example):
    params, x = example.make_parameters(), np.linspace(0.1, 0.9, 5)
    slopes, shifts = params[: example.WIDTH], params[example.WIDTH : 2 * example.WIDTH]
    t = np.tanh(x[:, None] * slopes + shifts)
    weights = params[2 * example.WIDTH : 3 * example.WIDTH]
    np.testing.assert_allclose(example.network_x(params, x), ((1 - t * t) * slopes) @ weights)
    np.testing.assert_allclose(example.network_xx(params, x), (-2 * t * (1 - t * t) * slopes**2) @ weights)
    step = 1e-6 * np.cos(np.arange(len(params)))
    value, gradient = example.loss(params, example.POINTS)
    rise = example.loss(params + step, example.POINTS)[0] - example.loss(params - step, example.POINTS)[0]
    assert gradient @ step == pytest.approx(rise / 2, rel=1e-5)


@use("physics_informed")
def test_physics_informed_plot(example, tmp_path, capsys):
    pytest.importorskip("scipy")
    pytest.importorskip("matplotlib")
    assert is_png(example.write_plot(example.make_parameters(), tmp_path))
