#include <math.h>
#include <stdlib.h>
#include <string.h>

double mixture(const double *weights, long k, const double *means, long k2, long d, const double *log_scales, long k3,
               long d3, const double *x, long n, long d4, double *w_bar, double *m_bar, double *s_bar) {
    double *precision = malloc(k * d * sizeof *precision), *offset = malloc(k * sizeof *offset);
    double *z = malloc(k * d * sizeof *z), *share = malloc(k * sizeof *share), total = 0.0, value = 0.0;
    for (long c = 0; c < k; c++) {
        offset[c] = weights[c];
        total += exp(weights[c]);
        for (long a = 0; a < d; a++) {
            offset[c] -= log_scales[c * d + a];
            precision[c * d + a] = exp(-log_scales[c * d + a]);
        }
    }
    memset(w_bar, 0, k * sizeof *w_bar);
    memset(m_bar, 0, k * d * sizeof *m_bar);
    memset(s_bar, 0, k * d * sizeof *s_bar);
    for (long i = 0; i < n; i++) {
        double top = -INFINITY, sum = 0.0;
        for (long c = 0; c < k; c++) {
            double square = 0.0;
            for (long a = 0; a < d; a++) {
                double t = (x[i * d + a] - means[c * d + a]) * precision[c * d + a];
                z[c * d + a] = t;
                square += t * t;
            }
            share[c] = offset[c] - 0.5 * square;
            top = fmax(top, share[c]);
        }
        for (long c = 0; c < k; c++) sum += share[c] = exp(share[c] - top);
        value += top + log(sum);
        for (long c = 0; c < k; c++) {
            double p = share[c] / sum;
            w_bar[c] += p;
            for (long a = 0; a < d; a++) {
                double t = p * z[c * d + a];
                m_bar[c * d + a] += t;
                s_bar[c * d + a] += t * z[c * d + a];
            }
        }
    }
    for (long c = 0; c < k; c++) {
        for (long a = 0; a < d; a++) {
            m_bar[c * d + a] *= precision[c * d + a];
            s_bar[c * d + a] -= w_bar[c];
        }
        w_bar[c] -= n / total * exp(weights[c]);
    }
    free(precision), free(offset), free(z), free(share);
    return value - n * log(total);
}
