double smooth(const double *x, long n, double *x_bar) {
    double y = x[0], sum = y;
    for (long i = 1; i < n; i++) {
        y = 0.5 * y + x[i] * x[i];
        sum += y;
    }
    double y_bar = 1.0;
    for (long i = n - 1; i > 0; i--) {
        x_bar[i] = 2.0 * y_bar * x[i];
        y_bar = 1.0 + 0.5 * y_bar;
    }
    x_bar[0] = y_bar;
    return sum;
}
