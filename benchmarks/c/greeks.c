#include <math.h>
#include <stdlib.h>

/* paths are independent: blocks of them go forward and back while they are in the cache */
enum { BLOCK = 64 };

double greeks(double spot, double volatility, double rate, double strike, double maturity, const double *z, long steps,
              long paths, double *spot_bar, double *volatility_bar, double *rate_bar) {
    double dt = maturity / steps, root = sqrt(dt), discount = exp(-rate * maturity);
    double drift = (rate - 0.5 * volatility * volatility) * dt, sigma = volatility * root;
    double(*growth)[BLOCK] = malloc(steps * sizeof *growth), (*price)[BLOCK] = malloc(steps * sizeof *price);
    double sum = 0.0, start_bar = 0.0, drift_bar = 0.0, sigma_bar = 0.0, weight = discount / paths / steps;
    for (long from = 0; from < paths; from += BLOCK) {
        long count = paths - from < BLOCK ? paths - from : BLOCK;
        double s[BLOCK], total[BLOCK] = {0.0}, s_bar[BLOCK] = {0.0};
        for (long i = 0; i < count; i++) s[i] = spot;
        for (long t = 0; t < steps; t++)
            for (long i = 0; i < count; i++) {
                growth[t][i] = exp(drift + sigma * z[t * paths + from + i]);
                price[t][i] = s[i] *= growth[t][i];
                total[i] += s[i];
            }
        for (long i = 0; i < count; i++) {
            double miss = total[i] / steps - strike;
            sum += fmax(miss, 0.0);
            total[i] = miss > 0.0 ? weight : miss == 0.0 ? 0.5 * weight : 0.0;
        }
        for (long t = steps - 1; t >= 0; t--)
            for (long i = 0; i < count; i++) {
                s_bar[i] += total[i];
                double e_bar = s_bar[i] * price[t][i];
                drift_bar += e_bar;
                sigma_bar += e_bar * z[t * paths + from + i];
                s_bar[i] *= growth[t][i];
            }
        for (long i = 0; i < count; i++) start_bar += s_bar[i];
    }
    free(growth), free(price);
    double value = discount * sum / paths;
    *spot_bar = start_bar;
    *volatility_bar = sigma_bar * root - drift_bar * volatility * dt;
    *rate_bar = drift_bar * dt - maturity * value;
    return value;
}
