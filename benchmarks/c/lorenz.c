#include <stdlib.h>

static void field(const double *u, double *f) {
    f[0] = 10.0 * (u[1] - u[0]);
    f[1] = u[0] * (28.0 - u[2]) - u[1];
    f[2] = u[0] * u[1] - 8.0 / 3.0 * u[2];
}

static void field_transposed(const double *u, const double *g, double *u_bar) {
    u_bar[0] = (28.0 - u[2]) * g[1] - 10.0 * g[0] + u[1] * g[2];
    u_bar[1] = 10.0 * g[0] - g[1] + u[0] * g[2];
    u_bar[2] = -u[0] * g[1] - 8.0 / 3.0 * g[2];
}

double lorenz(const double *start, long three, long steps, double dt, double *result) {
    double(*tape)[4][3] = malloc(steps * sizeof *tape);
    double u[3] = {start[0], start[1], start[2]}, k1[3], k2[3], k3[3], k4[3];
    for (long n = 0; n < steps; n++) {
        double *w = tape[n][0], *a = tape[n][1], *b = tape[n][2], *c = tape[n][3];
        for (int j = 0; j < 3; j++) w[j] = u[j];
        field(w, k1);
        for (int j = 0; j < 3; j++) a[j] = u[j] + 0.5 * dt * k1[j];
        field(a, k2);
        for (int j = 0; j < 3; j++) b[j] = u[j] + 0.5 * dt * k2[j];
        field(b, k3);
        for (int j = 0; j < 3; j++) c[j] = u[j] + dt * k3[j];
        field(c, k4);
        for (int j = 0; j < 3; j++) u[j] += dt / 6.0 * (k1[j] + 2.0 * (k2[j] + k3[j]) + k4[j]);
    }
    double value = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    double u_bar[3] = {2.0 * u[0], 2.0 * u[1], 2.0 * u[2]}, g[3], a_bar[3], b_bar[3], c_bar[3], w_bar[3];
    for (long n = steps - 1; n >= 0; n--) {
        for (int j = 0; j < 3; j++) g[j] = dt / 6.0 * u_bar[j];
        field_transposed(tape[n][3], g, c_bar);
        for (int j = 0; j < 3; j++) k1[j] = 2.0 * g[j] + dt * c_bar[j];
        field_transposed(tape[n][2], k1, b_bar);
        for (int j = 0; j < 3; j++) k1[j] = 2.0 * g[j] + 0.5 * dt * b_bar[j];
        field_transposed(tape[n][1], k1, a_bar);
        for (int j = 0; j < 3; j++) k1[j] = g[j] + 0.5 * dt * a_bar[j];
        field_transposed(tape[n][0], k1, w_bar);
        for (int j = 0; j < 3; j++) u_bar[j] += a_bar[j] + b_bar[j] + c_bar[j] + w_bar[j];
    }
    free(tape);
    for (int j = 0; j < 3; j++) result[j] = u_bar[j];
    return value;
}
