#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, M = 2 };

typedef struct {
    double x[N], p[N][N], tp[N][N], prior[N][N], s_inverse[M][M], gain[N][M], miss[M], w[M];
} Step;

/* the observed states are the first M, so observe @ p is the first M rows of p */
double kalman(const double *transition, long n, long n2, double log_q, double log_r, const double *observations,
              long steps, long m, double *transition_bar, double *log_q_bar, double *log_r_bar) {
    const double(*f)[N] = (const double(*)[N])transition;
    double eq = exp(log_q), er = exp(log_r), loss = 0.0, q_bar = 0.0, r_bar = 0.0;
    Step *tape = malloc(steps * sizeof *tape);
    double x[N] = {0.0}, p[N][N] = {{0.0}};
    for (int i = 0; i < N; i++) p[i][i] = 1.0;
    for (long t = 0; t < steps; t++) {
        Step *k = tape + t;
        memcpy(k->x, x, sizeof x);
        memcpy(k->p, p, sizeof p);
        for (int i = 0; i < N; i++) {
            x[i] = 0.0;
            for (int j = 0; j < N; j++) {
                x[i] += f[i][j] * k->x[j];
                k->tp[i][j] = 0.0;
                for (int l = 0; l < N; l++) k->tp[i][j] += f[i][l] * p[l][j];
            }
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double sum = i == j ? eq : 0.0;
                for (int l = 0; l < N; l++) sum += k->tp[i][l] * f[j][l];
                k->prior[i][j] = sum;
            }
        double a = k->prior[0][0] + er, b = k->prior[0][1], c = k->prior[1][0], d = k->prior[1][1] + er;
        double det = a * d - b * c;
        k->s_inverse[0][0] = d / det, k->s_inverse[0][1] = -b / det;
        k->s_inverse[1][0] = -c / det, k->s_inverse[1][1] = a / det;
        for (int i = 0; i < M; i++) k->miss[i] = observations[t * M + i] - x[i];
        for (int i = 0; i < M; i++) k->w[i] = k->s_inverse[i][0] * k->miss[0] + k->s_inverse[i][1] * k->miss[1];
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++)
                k->gain[i][j] = k->prior[i][0] * k->s_inverse[0][j] + k->prior[i][1] * k->s_inverse[1][j];
        for (int i = 0; i < N; i++) {
            x[i] += k->gain[i][0] * k->miss[0] + k->gain[i][1] * k->miss[1];
            for (int j = 0; j < N; j++)
                p[i][j] = k->prior[i][j] - k->gain[i][0] * k->prior[0][j] - k->gain[i][1] * k->prior[1][j];
        }
        loss += 0.5 * (log(det) + k->miss[0] * k->w[0] + k->miss[1] * k->w[1]);
    }
    double f_bar[N][N] = {{0.0}}, x_bar[N] = {0.0}, p_bar[N][N] = {{0.0}};
    for (long t = steps - 1; t >= 0; t--) {
        Step *k = tape + t;
        double gain_bar[N][M], gs[N][M], op_bar[M][N], s_bar[M][M], miss_bar[M], next[N], sum;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++) {
                gain_bar[i][j] = x_bar[i] * k->miss[j];
                for (int l = 0; l < N; l++) gain_bar[i][j] -= p_bar[i][l] * k->prior[j][l];
            }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++)
                gs[i][j] = gain_bar[i][0] * k->s_inverse[j][0] + gain_bar[i][1] * k->s_inverse[j][1];
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < M; j++) {
                sum = 0.5 * (k->s_inverse[j][i] - k->w[i] * k->w[j]);
                for (int l = 0; l < N; l++) sum -= k->gain[l][i] * gs[l][j];
                s_bar[i][j] = sum;
            }
            r_bar += s_bar[i][i];
            for (int j = 0; j < N; j++) {
                sum = j < M ? s_bar[i][j] : 0.0;
                for (int l = 0; l < N; l++) sum -= k->gain[l][i] * p_bar[l][j];
                op_bar[i][j] = sum;
            }
            miss_bar[i] = k->w[i];
            for (int l = 0; l < N; l++) miss_bar[i] += k->gain[l][i] * x_bar[l];
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++) p_bar[i][j] += gs[i][j];
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) p_bar[i][j] += op_bar[i][j];
            x_bar[i] -= miss_bar[i];
        }
        double pf[N][N];
        for (int i = 0; i < N; i++) {
            q_bar += p_bar[i][i];
            for (int j = 0; j < N; j++) {
                pf[i][j] = 0.0;
                for (int l = 0; l < N; l++) pf[i][j] += p_bar[i][l] * f[l][j];
            }
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                sum = x_bar[i] * k->x[j];
                for (int l = 0; l < N; l++) sum += p_bar[l][i] * k->tp[l][j] + pf[i][l] * k->p[j][l];
                f_bar[i][j] += sum;
            }
        for (int i = 0; i < N; i++) {
            next[i] = 0.0;
            for (int l = 0; l < N; l++) next[i] += f[l][i] * x_bar[l];
        }
        memcpy(x_bar, next, sizeof next);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                p_bar[i][j] = 0.0;
                for (int l = 0; l < N; l++) p_bar[i][j] += f[l][i] * pf[l][j];
            }
    }
    free(tape);
    memcpy(transition_bar, f_bar, sizeof f_bar);
    *log_q_bar = q_bar * eq;
    *log_r_bar = r_bar * er;
    return loss;
}
