#include <math.h>

double black_scholes(const double *spot, long n, const double *strike, long n2, const double *volatility, long n3,
                     double rate, double maturity, double *spot_bar, double *volatility_bar) {
    const double a = 0.79788456, b = 0.044715;
    double root_maturity = sqrt(maturity), discount = exp(-rate * maturity), value = 0.0;
    for (long i = 0; i < n; i++) {
        double v = volatility[i], root = v * root_maturity;
        double d1 = (log(spot[i] / strike[i]) + (rate + 0.5 * v * v) * maturity) / root, d2 = d1 - root;
        double t1 = tanh(a * d1 * (1.0 + b * d1 * d1)), t2 = tanh(a * d2 * (1.0 + b * d2 * d2));
        double n1 = 0.5 * (1.0 + t1), discounted = strike[i] * discount;
        value += spot[i] * n1 - discounted * (0.5 * (1.0 + t2));
        double d1_bar = spot[i] * (1.0 - t1 * t1) * (0.5 * a + 1.5 * a * b * d1 * d1);
        double d2_bar = discounted * (1.0 - t2 * t2) * (0.5 * a + 1.5 * a * b * d2 * d2);
        double ratio_bar = (d1_bar - d2_bar) / root;
        spot_bar[i] = n1 + ratio_bar / spot[i];
        volatility_bar[i] = root_maturity * (d2_bar - ratio_bar * d1) + maturity * ratio_bar * v;
    }
    return value;
}
