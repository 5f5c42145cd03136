#include <math.h>
#include <stdlib.h>
#include <string.h>

/* q is recorded for each step; distances are computed again on the way back, for pairs i < j */
double n_body(const double *q0, long n, long d, const double *v0, long n2, long d2, const double *masses, long n3,
              long steps, double *q_bar, double *v_bar) {
    const double dt = 0.01;
    long size = n * 3;
    double *tape = malloc(size * (steps + 1) * sizeof *tape), *v = malloc(size * sizeof *v), value = 0.0;
    memcpy(tape, q0, size * sizeof *tape);
    memcpy(v, v0, size * sizeof *v);
    for (long t = 0; t < steps; t++) {
        double *q = tape + t * size, *next = q + size;
        for (long i = 0; i < n; i++)
            for (long j = i + 1; j < n; j++) {
                double rx = q[3 * j] - q[3 * i], ry = q[3 * j + 1] - q[3 * i + 1], rz = q[3 * j + 2] - q[3 * i + 2];
                double s = rx * rx + ry * ry + rz * rz + 0.05, w = dt / (s * sqrt(s));
                double wi = w * masses[j], wj = w * masses[i];
                v[3 * i] += wi * rx, v[3 * i + 1] += wi * ry, v[3 * i + 2] += wi * rz;
                v[3 * j] -= wj * rx, v[3 * j + 1] -= wj * ry, v[3 * j + 2] -= wj * rz;
            }
        for (long i = 0; i < size; i++) next[i] = q[i] + dt * v[i];
    }
    double *q = tape + steps * size;
    for (long i = 0; i < size; i++) {
        value += v[i] * v[i] + q[i] * q[i];
        q_bar[i] = 2.0 * q[i];
        v_bar[i] = 2.0 * v[i];
    }
    for (long t = steps - 1; t >= 0; t--) {
        q = tape + t * size;
        for (long i = 0; i < size; i++) v_bar[i] += dt * q_bar[i];
        for (long i = 0; i < n; i++)
            for (long j = i + 1; j < n; j++) {
                double rx = q[3 * j] - q[3 * i], ry = q[3 * j + 1] - q[3 * i + 1], rz = q[3 * j + 2] - q[3 * i + 2];
                double s = rx * rx + ry * ry + rz * rz + 0.05, w = dt / (s * sqrt(s));
                double fx = masses[j] * v_bar[3 * i] - masses[i] * v_bar[3 * j];
                double fy = masses[j] * v_bar[3 * i + 1] - masses[i] * v_bar[3 * j + 1];
                double fz = masses[j] * v_bar[3 * i + 2] - masses[i] * v_bar[3 * j + 2];
                double s_bar = -3.0 * w / s * (fx * rx + fy * ry + fz * rz);
                double gx = w * fx + s_bar * rx, gy = w * fy + s_bar * ry, gz = w * fz + s_bar * rz;
                q_bar[3 * j] += gx, q_bar[3 * j + 1] += gy, q_bar[3 * j + 2] += gz;
                q_bar[3 * i] -= gx, q_bar[3 * i + 1] -= gy, q_bar[3 * i + 2] -= gz;
            }
    }
    free(tape);
    free(v);
    return value;
}
