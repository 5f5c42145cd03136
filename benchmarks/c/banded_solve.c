#include <stdlib.h>

double banded_solve(const double *lower, long n1, const double *diagonal, long n, const double *upper, long n2,
                    const double *rhs, long n3, double *lower_bar, double *d_bar, double *upper_bar, double *x_bar) {
    double *work = malloc(4 * n * sizeof *work), *d = work, *y = work + n, *x = work + 2 * n, *w = work + 3 * n;
    double value = 0.0;
    d[0] = diagonal[0], y[0] = rhs[0];
    for (long i = 1; i < n; i++) {
        w[i] = lower[i - 1] / d[i - 1];
        d[i] = diagonal[i] - w[i] * upper[i - 1];
        y[i] = rhs[i] - w[i] * y[i - 1];
    }
    x[n - 1] = y[n - 1] / d[n - 1];
    for (long i = n - 2; i >= 0; i--) x[i] = (y[i] - upper[i] * x[i + 1]) / d[i];
    for (long i = 0; i < n; i++) {
        value += x[i] * x[i];
        x_bar[i] = 2.0 * x[i];
    }
    for (long i = 0; i < n - 1; i++) {
        double t = x_bar[i] / d[i];
        x_bar[i] = t;
        d_bar[i] = -t * x[i];
        x_bar[i + 1] -= t * upper[i];
        upper_bar[i] = -t * x[i + 1];
    }
    x_bar[n - 1] /= d[n - 1];
    d_bar[n - 1] = -x_bar[n - 1] * x[n - 1];
    for (long i = n - 1; i > 0; i--) {
        double w_bar = -(x_bar[i] * y[i - 1] + d_bar[i] * upper[i - 1]) / d[i - 1];
        x_bar[i - 1] -= w[i] * x_bar[i];
        upper_bar[i - 1] -= w[i] * d_bar[i];
        lower_bar[i - 1] = w_bar;
        d_bar[i - 1] -= w_bar * w[i];
    }
    free(work);
    return value;
}
