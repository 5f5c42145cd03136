#include <math.h>
#include <stdlib.h>
#include <string.h>

/* sums over 3 x 3 cells of a torus, less half the cell: its own transpose */
static void box(const double *g, double *rows, double *s, long n, long m) {
    for (long i = 0; i < n; i++) {
        const double *above = g + (i ? i - 1 : n - 1) * m, *row = g + i * m, *below = g + (i < n - 1 ? i + 1 : 0) * m;
        for (long j = 0; j < m; j++) rows[j] = above[j] + row[j] + below[j];
        double *to = s + i * m;
        to[0] = rows[m - 1] + rows[0] + rows[1] - 0.5 * row[0];
        for (long j = 1; j < m - 1; j++) to[j] = rows[j - 1] + rows[j] + rows[j + 1] - 0.5 * row[j];
        to[m - 1] = rows[m - 2] + rows[m - 1] + rows[0] - 0.5 * row[m - 1];
    }
}

double soft_life(const double *start, long n, long m, const double *target, long n2, long m2, long generations,
                 double *grid_bar) {
    long size = n * m;
    double *tape = malloc(2 * size * generations * sizeof *tape), *work = malloc((2 * size + m) * sizeof *work);
    double *grid = work, *s = work + size, *rows = work + 2 * size, value = 0.0;
    memcpy(grid, start, size * sizeof *grid);
    for (long t = 0; t < generations; t++) {
        double *p = tape + 2 * size * t, *q = p + size;
        box(grid, rows, s, n, m);
        for (long i = 0; i < size; i++) {
            p[i] = 1.0 / (1.0 + exp(9.0 - 4.0 * s[i]));
            q[i] = 1.0 / (1.0 + exp(4.0 * s[i] - 15.0));
            grid[i] = p[i] * q[i];
        }
    }
    for (long i = 0; i < size; i++) {
        double miss = grid[i] - target[i];
        value += miss * miss;
        grid_bar[i] = 2.0 * miss;
    }
    for (long t = generations - 1; t >= 0; t--) {
        double *p = tape + 2 * size * t, *q = p + size;
        for (long i = 0; i < size; i++) s[i] = 4.0 * grid_bar[i] * p[i] * q[i] * (q[i] - p[i]);
        box(s, rows, grid_bar, n, m);
    }
    free(tape), free(work);
    return value;
}
