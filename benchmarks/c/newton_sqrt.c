#include <math.h>
#include <stdlib.h>

double newton_sqrt(double a, double *a_bar) {
    long capacity = 64, n = 0;
    double *tape = malloc(capacity * sizeof *tape), y = a, y_next;
    for (;;) {
        if (n == capacity) tape = realloc(tape, (capacity *= 2) * sizeof *tape);
        tape[n++] = y;
        y_next = 0.5 * (y + a / y);
        if (fabs(y_next - y) < 1e-12) break;
        y = y_next;
    }
    double sum = y_next * y_next, y_bar = 2.0 * a * y_next;
    for (long k = n - 1; k >= 0; k--) {
        double t = 0.5 * y_bar, q = t / tape[k];
        sum += q;
        y_bar = t - q * a / tape[k];
    }
    free(tape);
    *a_bar = sum + y_bar;
    return y_next * y_next * a;
}
