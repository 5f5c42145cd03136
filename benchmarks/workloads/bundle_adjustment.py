"""Bundle adjustment: 1,000 observations of points by cameras with lens distortion, in scalar code."""

from math import cos, sin, sqrt

import numpy as np

from benchmarks.workload import Workload


def project(camera, point):
    """Rotate about the axis `camera[0:3]` (Rodrigues), move, divide, distort, scale."""
    rx, ry, rz = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    theta = sqrt(rx * rx + ry * ry + rz * rz)
    kx, ky, kz = rx / theta, ry / theta, rz / theta
    s, c = sin(theta), cos(theta)
    k = (kx * x + ky * y + kz * z) * (1.0 - c)
    px = c * x + s * (ky * z - kz * y) + k * kx
    py = c * y + s * (kz * x - kx * z) + k * ky
    pz = c * z + s * (kx * y - ky * x) + k * kz
    u, v = px / pz, py / pz
    rr = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * rr + camera[10] * rr * rr)
    return scale * u + camera[7], scale * v + camera[8]


def bundle_adjustment(cameras, points, weights, observations, features):
    total = 0.0
    for i in range(len(observations)):
        u, v = project(cameras[observations[i, 0]], points[observations[i, 1]])
        eu = weights[i] * (u - features[i, 0])
        ev = weights[i] * (v - features[i, 1])
        total += eu * eu + ev * ev
    return total


def by_hand(cameras, points, weights, observations, features):
    # iterations are independent: each runs forward and back at once
    cameras_bar = np.zeros_like(cameras)
    points_bar = np.zeros_like(points)
    weights_bar = np.empty_like(weights)
    total = 0.0
    for i in range(len(observations)):
        a, b = observations[i, 0], observations[i, 1]
        camera, point = cameras[a], points[b]
        rx, ry, rz = camera[0], camera[1], camera[2]
        x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
        theta = sqrt(rx * rx + ry * ry + rz * rz)
        kx, ky, kz = rx / theta, ry / theta, rz / theta
        s, c = sin(theta), cos(theta)
        e = 1.0 - c
        dot = kx * x + ky * y + kz * z
        k = dot * e
        wx, wy, wz = ky * z - kz * y, kz * x - kx * z, kx * y - ky * x
        px = c * x + s * wx + k * kx
        py = c * y + s * wy + k * ky
        pz = c * z + s * wz + k * kz
        u, v = px / pz, py / pz
        rr = u * u + v * v
        focal, k1, k2 = camera[6], camera[9], camera[10]
        lens = 1.0 + k1 * rr + k2 * rr * rr
        scale = focal * lens
        weight = weights[i]
        du = scale * u + camera[7] - features[i, 0]
        dv = scale * v + camera[8] - features[i, 1]
        eu, ev = weight * du, weight * dv
        total += eu * eu + ev * ev
        # reverse
        weights_bar[i] = 2.0 * (eu * du + ev * dv)
        du_bar, dv_bar = 2.0 * eu * weight, 2.0 * ev * weight
        scale_bar = du_bar * u + dv_bar * v
        lens_bar = scale_bar * focal
        rr_bar = 2.0 * lens_bar * (k1 + 2.0 * k2 * rr)
        u_bar = (du_bar * scale + rr_bar * u) / pz
        v_bar = (dv_bar * scale + rr_bar * v) / pz
        pz_bar = -(u_bar * u + v_bar * v)
        k_bar = u_bar * kx + v_bar * ky + pz_bar * kz
        s_bar = u_bar * wx + v_bar * wy + pz_bar * wz
        c_bar = u_bar * x + v_bar * y + pz_bar * z - k_bar * dot
        dot_bar = k_bar * e
        wx, wy, wz = s * u_bar, s * v_bar, s * pz_bar
        kx_bar = k * u_bar + dot_bar * x + wz * y - wy * z
        ky_bar = k * v_bar + dot_bar * y + wx * z - wz * x
        kz_bar = k * pz_bar + dot_bar * z + wy * x - wx * y
        x_bar = c * u_bar + dot_bar * kx + wy * kz - wz * ky
        y_bar = c * v_bar + dot_bar * ky + wz * kx - wx * kz
        z_bar = c * pz_bar + dot_bar * kz + wx * ky - wy * kx
        theta_bar = s_bar * c - c_bar * s - (kx_bar * kx + ky_bar * ky + kz_bar * kz) / theta
        camera_bar, point_bar = cameras_bar[a], points_bar[b]
        camera_bar[0] += kx_bar / theta + theta_bar * kx
        camera_bar[1] += ky_bar / theta + theta_bar * ky
        camera_bar[2] += kz_bar / theta + theta_bar * kz
        camera_bar[3] -= x_bar
        camera_bar[4] -= y_bar
        camera_bar[5] -= z_bar
        camera_bar[6] += scale_bar * lens
        camera_bar[7] += du_bar
        camera_bar[8] += dv_bar
        camera_bar[9] += lens_bar * rr
        camera_bar[10] += lens_bar * rr * rr
        point_bar[0] += x_bar
        point_bar[1] += y_bar
        point_bar[2] += z_bar
    return total, (cameras_bar, points_bar, weights_bar)


def by_hand_scalars(cameras, points, weights, observations, features):
    rows, places, pairs = cameras.tolist(), points.tolist(), observations.tolist()
    rows_bar = [[0.0] * len(row) for row in rows]
    places_bar = [[0.0] * 3 for _ in places]
    weights_bar = []
    total = 0.0
    for (a, b), weight, (fu, fv) in zip(pairs, weights.tolist(), features.tolist()):
        rx, ry, rz, x0, y0, z0, focal, cu, cv, k1, k2 = rows[a]
        x, y, z = places[b]
        x, y, z = x - x0, y - y0, z - z0
        theta = sqrt(rx * rx + ry * ry + rz * rz)
        kx, ky, kz = rx / theta, ry / theta, rz / theta
        s, c = sin(theta), cos(theta)
        e = 1.0 - c
        dot = kx * x + ky * y + kz * z
        k = dot * e
        wx, wy, wz = ky * z - kz * y, kz * x - kx * z, kx * y - ky * x
        px = c * x + s * wx + k * kx
        py = c * y + s * wy + k * ky
        pz = c * z + s * wz + k * kz
        u, v = px / pz, py / pz
        rr = u * u + v * v
        lens = 1.0 + k1 * rr + k2 * rr * rr
        scale = focal * lens
        du, dv = scale * u + cu - fu, scale * v + cv - fv
        eu, ev = weight * du, weight * dv
        total += eu * eu + ev * ev
        weights_bar.append(2.0 * (eu * du + ev * dv))
        du_bar, dv_bar = 2.0 * eu * weight, 2.0 * ev * weight
        scale_bar = du_bar * u + dv_bar * v
        lens_bar = scale_bar * focal
        rr_bar = 2.0 * lens_bar * (k1 + 2.0 * k2 * rr)
        u_bar = (du_bar * scale + rr_bar * u) / pz
        v_bar = (dv_bar * scale + rr_bar * v) / pz
        pz_bar = -(u_bar * u + v_bar * v)
        k_bar = u_bar * kx + v_bar * ky + pz_bar * kz
        s_bar = u_bar * wx + v_bar * wy + pz_bar * wz
        c_bar = u_bar * x + v_bar * y + pz_bar * z - k_bar * dot
        dot_bar = k_bar * e
        wx, wy, wz = s * u_bar, s * v_bar, s * pz_bar
        kx_bar = k * u_bar + dot_bar * x + wz * y - wy * z
        ky_bar = k * v_bar + dot_bar * y + wx * z - wz * x
        kz_bar = k * pz_bar + dot_bar * z + wy * x - wx * y
        x_bar = c * u_bar + dot_bar * kx + wy * kz - wz * ky
        y_bar = c * v_bar + dot_bar * ky + wz * kx - wx * kz
        z_bar = c * pz_bar + dot_bar * kz + wx * ky - wy * kx
        theta_bar = s_bar * c - c_bar * s - (kx_bar * kx + ky_bar * ky + kz_bar * kz) / theta
        row, place = rows_bar[a], places_bar[b]
        row[0] += kx_bar / theta + theta_bar * kx
        row[1] += ky_bar / theta + theta_bar * ky
        row[2] += kz_bar / theta + theta_bar * kz
        row[3] -= x_bar
        row[4] -= y_bar
        row[5] -= z_bar
        row[6] += scale_bar * lens
        row[7] += du_bar
        row[8] += dv_bar
        row[9] += lens_bar * rr
        row[10] += lens_bar * rr * rr
        place[0] += x_bar
        place[1] += y_bar
        place[2] += z_bar
    return total, (np.array(rows_bar), np.array(places_bar), np.array(weights_bar))


def arguments(small):
    n, cams, pts = (5, 2, 3) if small else (1_000, 10, 200)
    rng = np.random.default_rng(8)
    cameras = np.empty((cams, 11))
    cameras[:, :3] = 0.3 * rng.normal(size=(cams, 3)) + 0.2
    cameras[:, 3:6] = rng.normal(size=(cams, 3)) - np.array([0.0, 0.0, 10.0])
    cameras[:, 6] = rng.uniform(0.9, 1.1, cams)
    cameras[:, 7:9] = 0.1 * rng.normal(size=(cams, 2))
    cameras[:, 9:] = 0.01 * rng.normal(size=(cams, 2))
    pairs = np.stack([rng.integers(0, cams, n), rng.integers(0, pts, n)], axis=1)
    return cameras, rng.normal(size=(pts, 3)), rng.uniform(0.5, 1.5, n), pairs, rng.normal(size=(n, 2))


WORKLOAD = Workload(
    bundle_adjustment,
    by_hand,
    arguments,
    wrt=(0, 1, 2),
    kinds={"scalar loop", "loop"},
    by_hand_scalars=by_hand_scalars,
)
