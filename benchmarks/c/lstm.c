#include <math.h>
#include <stdlib.h>
#include <string.h>

/* one step's record: h before, c before, gates after their functions, tanh c, h after */
double lstm(const double *w, long g4, long d, const double *r, long g42, long n, const double *b, long g43,
            const double *out, long n2, const double *xs, long steps, long d2, const double *ys, long steps2,
            double *w_bar, double *r_bar, double *b_bar, double *out_bar) {
    long size = 8 * n;
    double *tape = malloc(size * steps * sizeof *tape), *miss = malloc(steps * sizeof *miss), loss = 0.0;
    double *state = calloc(8 * n, sizeof *state), *h = state, *c = state + n, *h_bar = state + 2 * n;
    double *c_bar = state + 3 * n, *gates_bar = state + 4 * n;
    for (long t = 0; t < steps; t++) {
        double *h_old = tape + t * size, *c_old = h_old + n, *gate = h_old + 2 * n, *e = h_old + 6 * n, *h_new = e + n;
        memcpy(h_old, h, n * sizeof *h);
        memcpy(c_old, c, n * sizeof *c);
        for (long i = 0; i < 4 * n; i++) {
            double sum = b[i];
            for (long j = 0; j < d; j++) sum += w[i * d + j] * xs[t * d + j];
            for (long j = 0; j < n; j++) sum += r[i * n + j] * h[j];
            gate[i] = i < 3 * n ? 1.0 / (1.0 + exp(-sum)) : tanh(sum);
        }
        double sum = -ys[t];
        for (long i = 0; i < n; i++) {
            c[i] = gate[n + i] * c[i] + gate[i] * gate[3 * n + i];
            e[i] = tanh(c[i]);
            h_new[i] = h[i] = gate[2 * n + i] * e[i];
            sum += h[i] * out[i];
        }
        miss[t] = sum;
        loss += sum * sum;
    }
    memset(w_bar, 0, 4 * n * d * sizeof *w_bar);
    memset(r_bar, 0, 4 * n * n * sizeof *r_bar);
    memset(b_bar, 0, 4 * n * sizeof *b_bar);
    memset(out_bar, 0, n * sizeof *out_bar);
    for (long t = steps - 1; t >= 0; t--) {
        double *h_old = tape + t * size, *c_old = h_old + n, *gate = h_old + 2 * n, *e = h_old + 6 * n, *h_new = e + n;
        double p = 2.0 / steps * miss[t];
        for (long i = 0; i < n; i++) {
            double in = gate[i], f = gate[n + i], o = gate[2 * n + i], g = gate[3 * n + i];
            out_bar[i] += p * h_new[i];
            double hb = h_bar[i] + p * out[i], cb = c_bar[i] + hb * o * (1.0 - e[i] * e[i]);
            gates_bar[i] = cb * g * in * (1.0 - in);
            gates_bar[n + i] = cb * c_old[i] * f * (1.0 - f);
            gates_bar[2 * n + i] = hb * e[i] * o * (1.0 - o);
            gates_bar[3 * n + i] = cb * in * (1.0 - g * g);
            c_bar[i] = cb * f;
            h_bar[i] = 0.0;
        }
        for (long i = 0; i < 4 * n; i++) {
            double q = gates_bar[i];
            b_bar[i] += q;
            for (long j = 0; j < d; j++) w_bar[i * d + j] += q * xs[t * d + j];
            for (long j = 0; j < n; j++) {
                r_bar[i * n + j] += q * h_old[j];
                h_bar[j] += q * r[i * n + j];
            }
        }
    }
    free(tape), free(miss), free(state);
    return loss / steps;
}
