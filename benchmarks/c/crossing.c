#include <math.h>

double crossing(double x1, double x2, double *x1_bar, double *x2_bar) {
    const double h = 20.0, d = 10.0, v1 = 0.7, v2 = 0.3, v3 = 0.45;
    double t = h - x1 - x2;
    double r1 = sqrt(x1 * x1 + d * d), r2 = sqrt(x2 * x2 + d * d), r3 = sqrt(t * t + d * d);
    double t_bar = t / (v3 * r3);
    *x1_bar = x1 / (v1 * r1) - t_bar;
    *x2_bar = x2 / (v2 * r2) - t_bar;
    return r1 / v1 + r2 / v2 + r3 / v3;
}
