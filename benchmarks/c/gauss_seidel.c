#include <stdlib.h>
#include <string.h>

double gauss_seidel(const double *b, long n, long m, long sweeps, double *b_bar) {
    double *u = calloc(n * m, sizeof *u), value = 0.0;
    for (long s = 0; s < sweeps; s++)
        for (long i = 1; i < n - 1; i++) {
            double *r = u + i * m;
            for (long j = 1; j < m - 1; j++)
                r[j] = 0.25 * (r[j - m] + r[j + m] + r[j - 1] + r[j + 1] + b[i * m + j]);
        }
    for (long i = 0; i < n * m; i++) {
        value += u[i] * u[i];
        u[i] *= 2.0;
    }
    memset(b_bar, 0, n * m * sizeof *b_bar);
    for (long s = 0; s < sweeps; s++)
        for (long i = n - 2; i > 0; i--) {
            double *r = u + i * m;
            for (long j = m - 2; j > 0; j--) {
                double t = 0.25 * r[j];
                r[j] = 0.0;
                r[j - m] += t;
                r[j + m] += t;
                r[j - 1] += t;
                r[j + 1] += t;
                b_bar[i * m + j] += t;
            }
        }
    free(u);
    return value;
}
