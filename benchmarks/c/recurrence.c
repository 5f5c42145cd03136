#include <math.h>
#include <stdlib.h>

double recurrence(double x, long n, double *x_bar) {
    double *tape = malloc(n * sizeof *tape), s = 0.5;
    for (long i = 0; i < n; i++) {
        tape[i] = s;
        s = s * x + sin(s);
    }
    double sum = 0.0, s_bar = 1.0;
    for (long i = n - 1; i >= 0; i--) {
        sum += s_bar * tape[i];
        s_bar *= x + cos(tape[i]);
    }
    free(tape);
    *x_bar = sum;
    return s;
}
