#include <math.h>
#include <stdlib.h>
#include <string.h>

/* c (n x m) += a (n x k) @ b (k x m) */
static void product(const double *a, const double *b, double *c, long n, long k, long m) {
    for (long i = 0; i < n; i++)
        for (long l = 0; l < k; l++)
            for (long j = 0; j < m; j++) c[i * m + j] += a[i * k + l] * b[l * m + j];
}

static double *layer(const double *x, const double *w, const double *b, long n, long k, long m, int bend) {
    double *y = malloc(n * m * sizeof *y);
    for (long i = 0; i < n; i++) memcpy(y + i * m, b, m * sizeof *y);
    product(x, w, y, n, k, m);
    if (bend)
        for (long i = 0; i < n * m; i++) y[i] = tanh(y[i]);
    return y;
}

/* w_bar = x.T @ y_bar, b_bar = sums of y_bar */
static void weights(const double *x, const double *y_bar, double *w_bar, double *b_bar, long n, long k, long m) {
    memset(w_bar, 0, k * m * sizeof *w_bar);
    memset(b_bar, 0, m * sizeof *b_bar);
    for (long i = 0; i < n; i++) {
        for (long l = 0; l < k; l++)
            for (long j = 0; j < m; j++) w_bar[l * m + j] += x[i * k + l] * y_bar[i * m + j];
        for (long j = 0; j < m; j++) b_bar[j] += y_bar[i * m + j];
    }
}

/* (y_bar @ w.T) * (1 - x * x) */
static double *inputs(const double *x, const double *w, const double *y_bar, long n, long k, long m) {
    double *x_bar = malloc(n * k * sizeof *x_bar);
    for (long i = 0; i < n; i++)
        for (long l = 0; l < k; l++) {
            double sum = 0.0, t = x[i * k + l];
            for (long j = 0; j < m; j++) sum += y_bar[i * m + j] * w[l * m + j];
            x_bar[i * k + l] = sum * (1.0 - t * t);
        }
    return x_bar;
}

double mlp(const double *w1, long k1, long m1, const double *b1, long mb1, const double *w2, long k2, long m2,
           const double *b2, long mb2, const double *w3, long k3, long m3, const double *b3, long mb3, const double *x,
           long n, long k, const double *target, long n2, long m, double *w1_bar, double *b1_bar, double *w2_bar,
           double *b2_bar, double *w3_bar, double *b3_bar) {
    double *a = layer(x, w1, b1, n, k1, m1, 1), *b = layer(a, w2, b2, n, m1, m2, 1);
    double *miss = layer(b, w3, b3, n, m2, m3, 0), value = 0.0;
    for (long i = 0; i < n * m; i++) {
        double t = miss[i] - target[i];
        value += t * t;
        miss[i] = 2.0 / (n * m) * t;
    }
    weights(b, miss, w3_bar, b3_bar, n, m2, m3);
    double *z_bar = inputs(b, w3, miss, n, m2, m3);
    weights(a, z_bar, w2_bar, b2_bar, n, m1, m2);
    double *y_bar = inputs(a, w2, z_bar, n, m1, m2);
    weights(x, y_bar, w1_bar, b1_bar, n, k1, m1);
    free(a), free(b), free(miss), free(z_bar), free(y_bar);
    return value / (n * m);
}
