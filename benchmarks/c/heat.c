#include <stdlib.h>
#include <string.h>

/* Both sweeps read one grid and write another.  The transpose of the stencil gathers; its border rows do not move on
   their own, so a border point takes k times its inner neighbour and keeps what it has. */
double heat(const double *start, long n, long m, double k, long steps, double *u_bar) {
    double *a = malloc(n * m * sizeof *a), *b = malloc(n * m * sizeof *b), *swap;
    memcpy(a, start, n * m * sizeof *a);
    memcpy(b, start, n * m * sizeof *b);
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++) {
            const double *r = a + i * m, *above = r - m, *below = r + m;
            double *to = b + i * m;
            for (long j = 1; j < m - 1; j++)
                to[j] = r[j] + k * (below[j] + above[j] + r[j + 1] + r[j - 1] - 4.0 * r[j]);
        }
        swap = a, a = b, b = swap;
    }
    double value = 0.0;
    for (long i = 0; i < n * m; i++) {
        value += a[i] * a[i];
        u_bar[i] = 2.0 * a[i];
    }
    /* z holds k times the inner points and zeros outside */
    memset(b, 0, n * m * sizeof *b);
    for (long t = 0; t < steps; t++) {
        for (long i = 1; i < n - 1; i++)
            for (long j = 1; j < m - 1; j++) b[i * m + j] = k * u_bar[i * m + j];
        for (long j = 1; j < m - 1; j++) {
            u_bar[j] += b[m + j];
            u_bar[(n - 1) * m + j] += b[(n - 2) * m + j];
        }
        for (long i = 1; i < n - 1; i++) {
            const double *z = b + i * m, *above = z - m, *below = z + m;
            double *to = u_bar + i * m;
            to[0] += z[1];
            for (long j = 1; j < m - 1; j++) to[j] += below[j] + above[j] + z[j + 1] + z[j - 1] - 4.0 * z[j];
            to[m - 1] += z[m - 2];
        }
    }
    free(a);
    free(b);
    return value;
}
