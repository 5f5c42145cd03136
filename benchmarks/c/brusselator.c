#include <stdlib.h>
#include <string.h>

/* f += 0.2 * (left - 2 y + right) on a ring: its own transpose */
static void diffuse(const double *y, long n, double *f) {
    f[0] += 0.2 * (y[n - 1] - 2.0 * y[0] + y[1]);
    for (long i = 1; i < n - 1; i++) f[i] += 0.2 * (y[i - 1] - 2.0 * y[i] + y[i + 1]);
    f[n - 1] += 0.2 * (y[n - 2] - 2.0 * y[n - 1] + y[0]);
}

static void field(const double *y, long n, double *f) {
    for (long i = 0; i < n; i++) {
        double u = y[i], v = y[n + i], reaction = u * u * v;
        f[i] = 1.0 - 4.0 * u + reaction;
        f[n + i] = 3.0 * u - reaction;
    }
    diffuse(y, n, f);
    diffuse(y + n, n, f + n);
}

static void field_transposed(const double *y, const double *g, long n, double *y_bar) {
    for (long i = 0; i < n; i++) {
        double u = y[i], v = y[n + i], p = g[i], q = g[n + i];
        y_bar[i] = 3.0 * q - 4.0 * p + 2.0 * u * v * (p - q);
        y_bar[n + i] = u * u * (p - q);
    }
    diffuse(g, n, y_bar);
    diffuse(g + n, n, y_bar + n);
}

double brusselator(const double *start, long two, long n, long steps, double dt, double *y_bar) {
    long m = 2 * n;
    double *tape = malloc(4 * m * steps * sizeof *tape), *work = malloc(6 * m * sizeof *work);
    double *y = work, *k1 = work + m, *k2 = work + 2 * m, *k3 = work + 3 * m, *k4 = work + 4 * m, *g = work + 5 * m;
    memcpy(y, start, m * sizeof *y);
    for (long t = 0; t < steps; t++) {
        double *w = tape + 4 * m * t, *a = w + m, *b = w + 2 * m, *c = w + 3 * m;
        memcpy(w, y, m * sizeof *y);
        field(w, n, k1);
        for (long i = 0; i < m; i++) a[i] = y[i] + 0.5 * dt * k1[i];
        field(a, n, k2);
        for (long i = 0; i < m; i++) b[i] = y[i] + 0.5 * dt * k2[i];
        field(b, n, k3);
        for (long i = 0; i < m; i++) c[i] = y[i] + dt * k3[i];
        field(c, n, k4);
        for (long i = 0; i < m; i++) y[i] += dt / 6.0 * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]);
    }
    double value = 0.0;
    for (long i = 0; i < m; i++) {
        value += y[i] * y[i];
        y_bar[i] = 2.0 * y[i];
    }
    for (long t = steps - 1; t >= 0; t--) {
        double *w = tape + 4 * m * t, *a = w + m, *b = w + 2 * m, *c = w + 3 * m;
        for (long i = 0; i < m; i++) g[i] = dt / 6.0 * y_bar[i];
        field_transposed(c, g, n, k4);
        for (long i = 0; i < m; i++) y[i] = 2.0 * g[i] + dt * k4[i];
        field_transposed(b, y, n, k3);
        for (long i = 0; i < m; i++) y[i] = 2.0 * g[i] + 0.5 * dt * k3[i];
        field_transposed(a, y, n, k2);
        for (long i = 0; i < m; i++) y[i] = g[i] + 0.5 * dt * k2[i];
        field_transposed(w, y, n, k1);
        for (long i = 0; i < m; i++) y_bar[i] += k1[i] + k2[i] + k3[i] + k4[i];
    }
    free(tape);
    free(work);
    return value;
}
