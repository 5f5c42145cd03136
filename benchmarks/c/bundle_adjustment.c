#include <math.h>
#include <string.h>

double bundle_adjustment(const double *cameras, long n_cameras, long eleven, const double *points, long n_points,
                         long three, const double *weights, long n, const long *observations, long n2, long two,
                         const double *features, long n3, long two2, double *cameras_bar, double *points_bar,
                         double *weights_bar) {
    double total = 0.0;
    memset(cameras_bar, 0, n_cameras * 11 * sizeof *cameras_bar);
    memset(points_bar, 0, n_points * 3 * sizeof *points_bar);
    for (long i = 0; i < n; i++) {
        const double *camera = cameras + 11 * observations[2 * i], *point = points + 3 * observations[2 * i + 1];
        double *row = cameras_bar + 11 * observations[2 * i], *place = points_bar + 3 * observations[2 * i + 1];
        double rx = camera[0], ry = camera[1], rz = camera[2];
        double x = point[0] - camera[3], y = point[1] - camera[4], z = point[2] - camera[5];
        double theta = sqrt(rx * rx + ry * ry + rz * rz), kx = rx / theta, ky = ry / theta, kz = rz / theta;
        double s = sin(theta), c = cos(theta), e = 1.0 - c, dot = kx * x + ky * y + kz * z, k = dot * e;
        double wx = ky * z - kz * y, wy = kz * x - kx * z, wz = kx * y - ky * x;
        double px = c * x + s * wx + k * kx, py = c * y + s * wy + k * ky, pz = c * z + s * wz + k * kz;
        double u = px / pz, v = py / pz, rr = u * u + v * v, focal = camera[6], k1 = camera[9], k2 = camera[10];
        double lens = 1.0 + k1 * rr + k2 * rr * rr, scale = focal * lens, weight = weights[i];
        double du = scale * u + camera[7] - features[2 * i], dv = scale * v + camera[8] - features[2 * i + 1];
        double eu = weight * du, ev = weight * dv;
        total += eu * eu + ev * ev;
        weights_bar[i] = 2.0 * (eu * du + ev * dv);
        double du_bar = 2.0 * eu * weight, dv_bar = 2.0 * ev * weight;
        double scale_bar = du_bar * u + dv_bar * v, lens_bar = scale_bar * focal;
        double rr_bar = 2.0 * lens_bar * (k1 + 2.0 * k2 * rr);
        double u_bar = (du_bar * scale + rr_bar * u) / pz, v_bar = (dv_bar * scale + rr_bar * v) / pz;
        double pz_bar = -(u_bar * u + v_bar * v);
        double k_bar = u_bar * kx + v_bar * ky + pz_bar * kz, s_bar = u_bar * wx + v_bar * wy + pz_bar * wz;
        double c_bar = u_bar * x + v_bar * y + pz_bar * z - k_bar * dot, dot_bar = k_bar * e;
        wx = s * u_bar, wy = s * v_bar, wz = s * pz_bar;
        double kx_bar = k * u_bar + dot_bar * x + wz * y - wy * z;
        double ky_bar = k * v_bar + dot_bar * y + wx * z - wz * x;
        double kz_bar = k * pz_bar + dot_bar * z + wy * x - wx * y;
        double x_bar = c * u_bar + dot_bar * kx + wy * kz - wz * ky;
        double y_bar = c * v_bar + dot_bar * ky + wz * kx - wx * kz;
        double z_bar = c * pz_bar + dot_bar * kz + wx * ky - wy * kx;
        double theta_bar = s_bar * c - c_bar * s - (kx_bar * kx + ky_bar * ky + kz_bar * kz) / theta;
        row[0] += kx_bar / theta + theta_bar * kx;
        row[1] += ky_bar / theta + theta_bar * ky;
        row[2] += kz_bar / theta + theta_bar * kz;
        row[3] -= x_bar, row[4] -= y_bar, row[5] -= z_bar;
        row[6] += scale_bar * lens;
        row[7] += du_bar, row[8] += dv_bar;
        row[9] += lens_bar * rr, row[10] += lens_bar * rr * rr;
        place[0] += x_bar, place[1] += y_bar, place[2] += z_bar;
    }
    return total;
}
