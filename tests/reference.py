"""The cells in NumPy, written from their papers and from nothing in rnnkit: one function a cell, named by its key.

Each takes the weights by name, the inputs `[time, batch, features]` and the states before the first step in the order
of the cell's `state_names`, and gives the outputs of all steps, `[time, batch, units]`. Gates are cut in the order that
the cell's docstring states.
"""

import numpy as np
import scipy.linalg


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cut(z, count):
    return np.split(z, count, axis=-1)


def simple_rnn(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        h = np.tanh(x @ w["kernel"] + w["bias"] + h @ w["recurrent_kernel"])
        outputs.append(h)
    return np.array(outputs)


def lstm(w, inputs, states):
    (h, c), outputs = states, []
    for x in inputs:
        i, f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def coupled_lstm(w, inputs, states):
    (h, c), outputs = states, []
    for x in inputs:
        f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 3)
        c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def peephole_lstm(w, inputs, states):
    (h, c), outputs = states, []
    pi, pf, po = w["peephole"]
    for x in inputs:
        i, f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
        c = sigmoid(f + pf * c) * c + sigmoid(i + pi * c) * np.tanh(g)
        h = sigmoid(o + po * c) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def gru(w, inputs, states):
    (h,), outputs = states, []
    uz, ur, ug = cut(w["recurrent_kernel"], 3)
    after = "recurrent_bias" in w
    cz, cr, cg = cut(w["recurrent_bias"], 3) if after else (0, 0, 0)
    for x in inputs:
        xz, xr, xg = cut(x @ w["kernel"] + w["bias"], 3)
        z, r = sigmoid(xz + h @ uz + cz), sigmoid(xr + h @ ur + cr)
        g = np.tanh(xg + (r * (h @ ug + cg) if after else (r * h) @ ug))
        h = z * h + (1 - z) * g
        outputs.append(h)
    return np.array(outputs)


def mgu(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        xf, xg = cut(x @ w["kernel"] + w["bias"], 2)
        f = sigmoid(xf + h @ w["gate_kernel"])
        h = (1 - f) * h + f * np.tanh(xg + (f * h) @ w["candidate_kernel"])
        outputs.append(h)
    return np.array(outputs)


def min_gru(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        z, g = cut(x @ w["kernel"] + w["bias"], 2)
        h = (1 - sigmoid(z)) * h + sigmoid(z) * g
        outputs.append(h)
    return np.array(outputs)


def min_lstm(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        f, i, g = cut(x @ w["kernel"] + w["bias"], 3)
        f, i = sigmoid(f), sigmoid(i)
        h = f / (f + i) * h + i / (f + i) * g
        outputs.append(h)
    return np.array(outputs)


def windows(kernel, inputs, ahead, window):
    """sum_d W_d x_(t-d) of every step; `ahead` is what steps before the first contribute to the first ones."""
    sums = [sum(inputs[t - d] @ cut(kernel, window)[d] for d in range(min(t + 1, window))) for t in range(len(inputs))]
    for t, due in enumerate(cut(ahead, window - 1)):
        sums[t] = sums[t] + due
    return sums


def qrnn(w, inputs, states):
    (_, c, ahead), outputs = states, []
    for gates in windows(w["kernel"], inputs, ahead, window=2):
        z, f, o = cut(gates + w["bias"], 3)
        c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(z)
        outputs.append(sigmoid(o) * c)
    return np.array(outputs)


def tdnn(w, inputs, states):
    return np.array([np.tanh(y + w["bias"]) for y in windows(w["kernel"], inputs, states[1], window=5)])


def lru(w, inputs, states):
    nu, theta, gamma = w["nu_theta_gamma"]
    b, c = w["b_real"] + 1j * w["b_imaginary"], w["c_real"] + 1j * w["c_imaginary"]
    h, outputs = states[1] + 1j * states[2], []
    for x in inputs:
        h = np.exp(-np.exp(nu) + 1j * np.exp(theta)) * h + np.exp(gamma) * (x @ b)
        outputs.append((h @ c).real + x @ w["d"])
    return np.array(outputs)


def ind_rnn(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        h = np.maximum(0, x @ w["kernel"] + w["recurrent_kernel"] * h + w["bias"])
        outputs.append(h)
    return np.array(outputs)


def mogrifier_lstm(w, inputs, states):
    (h, c), outputs = states, []
    q1, r2, q3, r4, q5 = (w[f"round_{i}"] for i in range(1, 6))
    for x in inputs:
        x1 = 2 * sigmoid(h @ q1) * x
        h2 = 2 * sigmoid(x1 @ r2) * h
        x3 = 2 * sigmoid(h2 @ q3) * x1
        h4 = 2 * sigmoid(x3 @ r4) * h2
        x5 = 2 * sigmoid(h4 @ q5) * x3
        i, f, g, o = cut(x5 @ w["kernel"] + h4 @ w["recurrent_kernel"] + w["bias"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def rhn(w, inputs, states):
    (s,), outputs = states, []
    for x in inputs:
        for level in (1, 2, 3):
            below = x @ w["kernel"] if level == 1 else 0
            g, t = cut(below + s @ w[f"recurrent_kernel_{level}"] + w["bias"][level - 1], 2)
            s = np.tanh(g) * sigmoid(t) + s * (1 - sigmoid(t))
        outputs.append(s)
    return np.array(outputs)


def clockwork(w, inputs, states):
    h, counters = states
    periods, sizes, outputs = (1, 2, 4, 8), (2, 2, 1, 1), []  # of 6 units
    for x in inputs:
        entering, new, first = x @ w["kernel"] + w["bias"], h.copy(), 0
        for i, (period, size) in enumerate(zip(periods, sizes, strict=True)):
            mine = slice(first, first + size)
            if counters[0, i] % period == 0:
                new[:, mine] = np.tanh(entering[:, mine] + h[:, first:] @ w[f"recurrent_kernel_{i}"])
            first += size
        h, counters = new, counters + 1
        outputs.append(h)
    return np.array(outputs)


def esn(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        h = np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
        outputs.append(h)
    return np.array(outputs)


def sru(w, inputs, states):
    (_, c), outputs = states, []
    (vf, vr), (bf, br) = w["state_kernel"], cut(w["bias"], 2)
    for x in inputs:
        u, f, r, skip = cut(x @ w["kernel"], 4)  # the inputs are narrower than the state
        f, r = sigmoid(f + vf * c + bf), sigmoid(r + vr * c + br)
        c = f * c + (1 - f) * u
        outputs.append(r * c + (1 - r) * skip)
    return np.array(outputs)


def irnn(w, inputs, states):
    (h,), outputs = states, []
    for x in inputs:
        h = np.maximum(0, x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
        outputs.append(h)
    return np.array(outputs)


def jordan(w, inputs, states):
    (y,), outputs = states, []
    for x in inputs:
        h = np.tanh(x @ w["kernel"] + y @ w["recurrent_kernel"] + w["bias"])
        y = np.tanh(h @ w["output_kernel"] + w["output_bias"])
        outputs.append(y)
    return np.array(outputs)


def lstm_1997(w, inputs, states):
    (h, c), outputs = states, []
    for x in inputs:
        i, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 3)
        c = c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def udacity_lstm(w, inputs, states):
    (stm, ltm), outputs = states, []
    for x in inputs:
        both, matrix = np.hstack([stm, x]), np.vstack([w["recurrent_kernel"], w["kernel"]])
        n, i, f, v = cut(both @ matrix + w["bias"], 4)
        forgotten = ltm * sigmoid(f)
        ltm = forgotten + np.tanh(n) * sigmoid(i)
        stm = np.tanh(forgotten @ w["use_kernel"] + w["use_gate_bias"]) * sigmoid(v)
        outputs.append(stm)
    return np.array(outputs)


def projection_lstm(w, inputs, states):
    (r, c), outputs = states, []
    for x in inputs:
        i, f, g, o = cut(x @ w["kernel"] + r @ w["recurrent_kernel"] + w["bias"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        r = (sigmoid(o) * np.tanh(c)) @ w["projection_kernel"]
        outputs.append(r)
    return np.array(outputs)


def normed(z, gain, shift):
    return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5) * gain + shift


def layer_norm_lstm(w, inputs, states):
    (h, c), outputs = states, []
    for x in inputs:
        a = normed(x @ w["kernel"], w["input_gain"], w["input_shift"]) + w["bias"]
        b = normed(h @ w["recurrent_kernel"], w["recurrent_gain"], w["recurrent_shift"])
        i, f, g, o = cut(a + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(normed(c, w["memory_gain"], w["memory_shift"]))
        outputs.append(h)
    return np.array(outputs)


def layer_norm_gru(w, inputs, states):
    (h,), outputs, at = states, [], [2 * states[0].shape[-1]]
    (a1, a3), (b1, b3) = np.split(w["input_gain"], at), np.split(w["input_shift"], at)
    (a2, a4), (b2, b4) = np.split(w["recurrent_gain"], at), np.split(w["recurrent_shift"], at)
    for x in inputs:
        (xzr, xg), (hzr, hg) = np.split(x @ w["kernel"], at, -1), np.split(h @ w["recurrent_kernel"], at, -1)
        z, r = cut(normed(xzr, a1, b1) + normed(hzr, a2, b2), 2)
        g = np.tanh(normed(xg, a3, b3) + sigmoid(r) * normed(hg, a4, b4))
        h = (1 - sigmoid(z)) * h + sigmoid(z) * g
        outputs.append(h)
    return np.array(outputs)


def janet(w, inputs, states, beta=1.0):
    (h,), outputs = states, []
    for x in inputs:
        s, g = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 2)
        h = sigmoid(s) * h + (1 - sigmoid(s - beta)) * np.tanh(g)
        outputs.append(h)
    return np.array(outputs)


def fast_grnn(w, inputs, states):
    (h,), outputs = states, []
    kernel, recurrent = (
        w[name] if name in w else w[f"{name}_left"] @ w[f"{name}_right"] for name in ("kernel", "recurrent_kernel")
    )
    bz, bg = cut(w["bias"], 2)
    for x in inputs:
        z, g = sigmoid(x @ kernel + h @ recurrent + bz), np.tanh(x @ kernel + h @ recurrent + bg)
        h = (sigmoid(w["zeta"]) * (1 - z) + sigmoid(w["nu"])) * g + z * h
        outputs.append(h)
    return np.array(outputs)


def s_lstm(w, inputs, states):
    """Without the stabiliser: c and n in their true size."""
    (h, c, n, m), outputs = states, []
    c, n = c * np.exp(m), n * np.exp(m)
    for x in inputs:
        i, f, z, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
        c, n = sigmoid(f) * c + np.exp(i) * np.tanh(z), sigmoid(f) * n + np.exp(i)
        h = sigmoid(o) * c / n
        outputs.append(h)
    return np.array(outputs)


def over_time(step):
    """A cell from one step of it, `(w, x, *states)` to the new states, the output first."""

    def formula(w, inputs, states, **constants):
        outputs = []
        for x in inputs:
            states = step(w, x, *states, **constants)
            outputs.append(states[0])
        return np.array(outputs)

    return formula


def half_sigmoid(z):
    """Keras's hard sigmoid."""
    return np.clip(z / 6 + 1 / 2, 0, 1)


@over_time
def ugrnn(w, x, h):
    c, g = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 2)
    return [sigmoid(g) * h + (1 - sigmoid(g)) * np.tanh(c)]


@over_time
def intersection_rnn(w, x, y, h):
    entering = cut(x @ w["kernel"], len(w["kernel"][0]) // h.shape[-1])
    recurrent, biases = cut(h @ w["recurrent_kernel"], 4), cut(w["bias"], 4)
    z, g, p, q = (a + b + c for a, b, c in zip(entering[:4], recurrent, biases, strict=True))
    wide = entering[4] if len(entering) > 4 else x
    return sigmoid(p) * wide + (1 - sigmoid(p)) * np.maximum(0, z), sigmoid(q) * h + (1 - sigmoid(q)) * np.tanh(g)


@over_time
def minimal_rnn(w, x, h):
    bz, bu = cut(w["bias"], 2)
    z = np.tanh(x @ w["kernel"] + bz)
    u = sigmoid(z @ w["embedding_kernel"] + h @ w["recurrent_kernel"] + bu)
    return [u * h + (1 - u) * z]


@over_time
def light_ru(w, x, h):
    g, f = cut(x @ w["kernel"] + w["bias"], 2)
    f = sigmoid(f + h @ w["recurrent_kernel"])
    return [h + f * (np.tanh(g) - h)]


@over_time
def star(w, x, h):
    z, k = cut(x @ w["kernel"] + w["bias"], 2)
    k = sigmoid(k + h @ w["recurrent_kernel"])
    return [np.tanh(h + k * (np.tanh(z) - h))]


@over_time
def sgrn(w, x, h):
    a = x @ w["kernel"] + w["bias"]
    f = sigmoid(a + h @ w["recurrent_kernel"])
    return [np.tanh(a + f * (h - a))]


@over_time
def atr(w, x, h):
    p, q = x @ w["kernel"] + w["bias"], h @ w["recurrent_kernel"] + w["recurrent_bias"]
    return [sigmoid(p + q) * p + sigmoid(p - q) * h]


@over_time
def li_gru(w, x, h):
    wide = normed(x @ w["kernel"], w["input_gain"], w["bias"]) if "input_gain" in w else x @ w["kernel"] + w["bias"]
    z, g = cut(wide + h @ w["recurrent_kernel"], 2)
    return [sigmoid(z) * h + (1 - sigmoid(z)) * np.maximum(0, g)]


@over_time
def cfn(w, x, h):
    wt, wi, wg = cut(w["kernel"], 3)
    (ut, ui), (bt, bi) = cut(w["recurrent_kernel"], 2), cut(w["bias"], 2)
    return [sigmoid(x @ wt + h @ ut + bt) * np.tanh(h) + sigmoid(x @ wi + h @ ui + bi) * np.tanh(x @ wg)]


@over_time
def brc(w, x, h):
    (xa, xc, xg), (ua, uc) = cut(x @ w["kernel"] + w["bias"], 3), w["state_kernel"]
    a, c = 1 + np.tanh(xa + ua * h), sigmoid(xc + uc * h)
    return [c * h + (1 - c) * np.tanh(xg + a * h)]


@over_time
def nbrc(w, x, h):
    (xa, xc, xg), (ua, uc) = cut(x @ w["kernel"] + w["bias"], 3), cut(w["recurrent_kernel"], 2)
    a, c = 1 + np.tanh(xa + h @ ua), sigmoid(xc + h @ uc)
    return [c * h + (1 - c) * np.tanh(xg + a * h)]


@over_time
def miru1(w, x, h, hold=0.5):
    xr, xg = cut(x @ w["kernel"] + w["bias"], 2)
    r = sigmoid(xr + h @ w["reset_kernel"])
    return [hold * h + (1 - hold) * np.tanh(xg + (r * h) @ w["candidate_kernel"])]


@over_time
def miru2(w, x, h, hold=0.5, reset=0.5):
    return [hold * h + (1 - hold) * np.tanh(x @ w["kernel"] + (reset * h) @ w["recurrent_kernel"] + w["bias"])]


@over_time
def mut1(w, x, h):
    (wz, wr, wg), (bz, br, bg) = cut(w["kernel"], 3), cut(w["bias"], 3)
    z, r = sigmoid(x @ wz + bz), sigmoid(x @ wr + h @ w["reset_kernel"] + br)
    return [z * np.tanh((r * h) @ w["candidate_kernel"] + np.tanh(x @ wg) + bg) + (1 - z) * h]


@over_time
def mut2(w, x, h, seen=lambda h: h):
    xz, xr, xg = cut(x @ w["kernel"] + w["bias"], 3)
    z, r = sigmoid(xz + seen(h) @ w["update_kernel"]), sigmoid(xr + h @ w["reset_kernel"])
    return [z * np.tanh((r * h) @ w["candidate_kernel"] + xg) + (1 - z) * h]


def mut3(w, inputs, states):
    return mut2(w, inputs, states, seen=np.tanh)


@over_time
def sgu(w, x, h, output_of=lambda w, gated: np.log1p(np.exp(gated))):
    xg, xz = cut(x @ w["kernel"] + w["bias"], 2)
    g = np.tanh((xg * h) @ w["candidate_kernel"] + w["candidate_bias"])
    z = half_sigmoid(xz + h @ w["update_kernel"])
    return [(1 - z) * h + z * output_of(w, g * h)]


def dsgu(w, inputs, states):
    return sgu(w, inputs, states, output_of=lambda w, gated: sigmoid(gated @ w["output_kernel"]))


@over_time
def fast_rnn(w, x, h):
    kernel, recurrent = (
        w[name] if name in w else w[f"{name}_left"] @ w[f"{name}_right"] for name in ("kernel", "recurrent_kernel")
    )
    return [sigmoid(w["alpha"]) * np.tanh(x @ kernel + h @ recurrent + w["bias"]) + sigmoid(w["beta"]) * h]


def tau_gru(w, inputs, states, delay=5):
    h, ring = states
    past, outputs = [*cut(ring, delay), h], []  # the states before, up to h'
    uu, ug, ua = cut(w["recurrent_kernel"], 3)
    for x in inputs:
        xu, xz, xg, xa = cut(x @ w["kernel"] + w["bias"], 4)
        h, late = past[-1], past[-1 - delay]
        u, z = np.tanh(xu + h @ uu), np.tanh(xz + late @ w["delay_kernel"])
        g, a = sigmoid(xg + h @ ug), sigmoid(xa + h @ ua)
        past.append((1 - g) * h + g * (u + a * z))
        outputs.append(past[-1])
    return np.array(outputs)


@over_time
def typed_rnn(w, x, h):
    z, f = cut(x @ w["kernel"] + w["bias"], 2)
    return [sigmoid(f) * h + (1 - sigmoid(f)) * z]


def typed_gru(w, inputs, states):
    (h, ahead), outputs = states, []
    for gates in windows(w["kernel"], inputs, ahead, window=2):
        z, f, o = cut(gates + w["bias"], 3)
        h = sigmoid(f) * h + z * np.tanh(o)
        outputs.append(h)
    return np.array(outputs)


def typed_lstm(w, inputs, states):
    (_, c, ahead), outputs = states, []
    for gates in windows(w["kernel"], inputs, ahead, window=2):
        z, f, o = cut(gates + w["bias"], 3)
        c = sigmoid(f) * c + (1 - sigmoid(f)) * z
        outputs.append(c * np.tanh(o))
    return np.array(outputs)


@over_time
def ran(w, x, h, c):
    (wi, wf, wg), (ui, uf), (bi, bf) = cut(w["kernel"], 3), cut(w["recurrent_kernel"], 2), cut(w["bias"], 2)
    c = sigmoid(x @ wi + h @ ui + bi) * (x @ wg) + sigmoid(x @ wf + h @ uf + bf) * c
    return np.tanh(c), c


@over_time
def multiplicative_lstm(w, x, h, c):
    wi, wf, wg, wo, wm = cut(w["kernel"], 5)
    m = (x @ wm) * (h @ w["recurrent_kernel"])
    i, f, g, o = cut(x @ np.hstack([wi, wf, wg, wo]) + m @ w["multiplied_kernel"] + w["bias"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@over_time
def residual_lstm(w, x, h, c):
    *gates, shortcut = cut(w["kernel"], 5)
    i, f, g, o = cut(x @ np.hstack(gates) + h @ w["recurrent_kernel"] + w["bias"], 4)
    pi, pf, po = w["peephole"]
    c = sigmoid(f + pf * c) * c + sigmoid(i + pi * c) * np.tanh(g)
    return sigmoid(o + po * c) * (np.tanh(c) @ w["projection_kernel"] + x @ shortcut), c


@over_time
def wmc_lstm(w, x, h, c):
    i, f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
    mi, mf = cut(np.tanh(c @ w["memory_kernel"] + w["memory_bias"]), 2)
    c = sigmoid(f + mf) * c + sigmoid(i + mi) * np.tanh(g)
    return sigmoid(o + np.tanh(c @ w["output_memory_kernel"] + w["output_memory_bias"])) * np.tanh(c), c


@over_time
def mc_lstm(w, x, h, v, c):
    i, f, g, o, m = cut(x @ w["kernel"] + v @ w["recurrent_kernel"] + w["bias"], 5)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), sigmoid(m) * np.tanh(c), c


@over_time
def nas(w, x, h, c, multiply=True):
    a, u = cut(x @ w["kernel"], 8), cut(h @ w["recurrent_kernel"] + w["bias"], 8)
    plain = [sigmoid, None, sigmoid, None, np.tanh, sigmoid, np.tanh, sigmoid]
    b = [None if f is None else f(a[k] + u[k]) for k, f in enumerate(plain)]
    b[1], b[3] = np.maximum(0, a[1] + u[1]), np.maximum(0, a[3] * u[3] if multiply else a[3] + u[3])
    c = np.tanh(np.tanh(b[0] * b[1]) + c) * np.tanh(b[2] + b[3])
    return np.tanh(c * np.tanh(np.tanh(b[4] * b[5]) + sigmoid(b[6] + b[7]))), c


@over_time
def scrn(w, x, y, h, s, alpha=0.95):
    s = (1 - alpha) * (x @ w["context_kernel"]) + alpha * s
    h = sigmoid(s @ w["context_to_hidden"] + x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
    return np.hstack([h, s]), h, s


def turning(w, gamma):
    """(U - U^T - gamma I), transposed for rows."""
    u = w["recurrent_kernel"].T
    return (u - u.T - gamma * np.eye(len(u))).T


@over_time
def antisymmetric(w, x, h, epsilon=0.1, gamma=0.01):
    return [h + epsilon * np.tanh(x @ w["kernel"] + h @ turning(w, gamma) + w["bias"])]


@over_time
def gated_antisymmetric(w, x, h, epsilon=0.1, gamma=0.01):
    (z, g), turned = cut(x @ w["kernel"] + w["bias"], 2), h @ turning(w, gamma)
    return [h + epsilon * sigmoid(z + turned) * np.tanh(g + turned)]


@over_time
def co_rnn(w, x, h, z, dt=0.1, gamma=1.0, epsilon=1.0):
    force = np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + z @ w["velocity_kernel"] + w["bias"])
    z = (1 - dt * epsilon) * z + dt * force - dt * gamma * h
    return h + dt * z, z


@over_time
def unicornn(w, x, h, z, dt=0.2, alpha=1.0):
    pace = dt * sigmoid(w["control"])
    z = z - pace * np.tanh(x @ w["kernel"] + w["recurrent_kernel"] * h + w["bias"]) - pace * alpha * h
    return h + pace * z, z


@over_time
def lem(w, x, h, z, dt=1.0):
    (xa, xb, xz, xh), (ha, hb, hz) = cut(x @ w["kernel"] + w["bias"], 4), cut(h @ w["recurrent_kernel"], 3)
    of_h, of_z = dt * sigmoid(xa + ha), dt * sigmoid(xb + hb)
    z = z + of_z * (np.tanh(xz + hz) - z)
    return h + of_h * (np.tanh(xh + z @ w["memory_kernel"]) - h), z


def entered(w, x):
    """x, or x made as wide as the state."""
    return x @ w["entry_kernel"] if "entry_kernel" in w else x


@over_time
def rg_lru(w, x, h, heads=1, c=8.0):
    u = entered(w, x)
    (wi, wr), (bi, br) = cut(w["kernel"], 2), cut(w["bias"], 2)
    blocks = [[part @ block for part, block in zip(cut(u, heads), cut(m, heads), strict=True)] for m in (wi, wr)]
    i, r = sigmoid(np.hstack(blocks[0]) + bi), sigmoid(np.hstack(blocks[1]) + br)
    a = sigmoid(-w["decay"]) ** (c * r)
    return [a * h + np.sqrt(1 - a**2) * (i * u)]


@over_time
def hgrn(w, x, y, h, lower=0.0):
    i, f, g = cut(x @ w["kernel"] + w["bias"], 3)
    f = lower + (1 - lower) * sigmoid(f)
    h = f * h + (1 - f) * i * sigmoid(i)
    return sigmoid(g) * h, h


def rwkv4(w, inputs, states):
    """The plain sums of the paper over all earlier steps, in their true size."""
    _, a, b, m = states
    sums, outputs = (a * np.exp(m), b * np.exp(m)), []
    biases = cut(w["bias"], 3) if "bias" in w else (0, 0, 0)
    k, v, r = (inputs @ kernel + bias for kernel, bias in zip(cut(w["kernel"], 3), biases, strict=True))
    fall, bonus = np.exp(w["decay"]), w["bonus"]
    for t in range(len(inputs)):
        weights = [np.exp(k[i] - (t - 1 - i) * fall) for i in range(t)]
        above = sum((each * v[i] for i, each in enumerate(weights)), sums[0] * np.exp(-t * fall))
        below = sum(weights, sums[1] * np.exp(-t * fall))
        newest = np.exp(bonus + k[t])
        outputs.append(sigmoid(r[t]) * (above + newest * v[t]) / (below + newest))
    return np.array(outputs)


def selective_ssm(w, inputs, states):
    units, width = w["a_log"].shape
    rank, s, outputs = len(w["dt_kernel"]), states[1].reshape(-1, units, width).copy(), []
    for u in entered(w, inputs):
        low, b, c = np.split(u @ w["kernel"], [rank, rank + width], axis=-1)
        d = np.log1p(np.exp(low @ w["dt_kernel"] + w["dt_bias"]))
        for row in range(len(u)):
            for unit in range(units):
                abar = np.exp(-d[row, unit] * np.exp(w["a_log"][unit]))
                s[row, unit] = abar * s[row, unit] + d[row, unit] * b[row] * u[row, unit]
        outputs.append((s * c[:, None]).sum(-1) + w["d"] * u)
    return np.array(outputs)


def s4d(w, inputs, states):
    """By convolution, as the authors compute it, and what the first states add."""
    a, dt = -np.exp(w["log_a"]) + 1j * w["omega"], np.exp(w["log_dt"])[:, None]
    c = (w["c"][0] + 1j * w["c"][1]) * (np.exp(a * dt) - 1) / a
    first = (states[1] + 1j * states[2]).reshape(-1, *a.shape)
    u, outputs = entered(w, inputs), []
    kernel = [2 * (c * np.exp(a * dt * t)).sum(-1).real for t in range(len(u))]
    for t in range(len(u)):
        y = sum(kernel[k] * u[t - k] for k in range(t + 1))
        outputs.append(y + 2 * (c * np.exp(a * dt * (t + 1)) * first).sum(-1).real + w["d"] * u[t])
    return np.array(outputs)


def s5(w, inputs, states):
    a, dt = -np.exp(w["log_a"]) + 1j * w["omega"], np.exp(w["log_dt"])
    (br, bi), (cr, ci) = cut(w["kernel"], 2), np.split(w["c"], 2)
    bbar = (br + 1j * bi) * (np.exp(a * dt) - 1) / a
    s, outputs = states[1] + 1j * states[2], []
    for u in entered(w, inputs):
        s = np.exp(a * dt) * s + u @ bbar
        outputs.append(2 * (s @ (cr + 1j * ci)).real + w["d"] * u)
    return np.array(outputs)


@over_time
def lipschitz_rnn(w, x, h, epsilon=0.03, beta=0.75, gamma=0.001):
    a, v = (
        beta * (m - m.T) + (1 - beta) * (m + m.T) - gamma * np.eye(len(m))
        for m in (w["linear_kernel"], w["recurrent_kernel"])
    )
    return [h + epsilon * (h @ a + np.tanh(h @ v + x @ w["kernel"] + w["bias"]))]


@over_time
def exp_rnn(w, x, h, cayley=False):
    a, one = w["recurrent_kernel"] - w["recurrent_kernel"].T, np.eye(h.shape[-1])
    angles, vectors = np.linalg.eigh(1j * a)  # a = V diag(-i angles) V^H
    q = np.linalg.inv(one + a) @ (one - a) if cayley else (vectors * np.exp(-1j * angles) @ vectors.conj().T).real
    z = x @ w["kernel"] + h @ q
    return [np.where(np.abs(z) + w["bias"] > 0, z + np.sign(z) * w["bias"], 0)]


def elapsed_of(w, x):
    """The features and the time since the step before, which is 1 where the weights meet all of the input."""
    features = len(w["kernel"])
    return (x, 1.0) if features == x.shape[-1] else (x[:, :features], x[:, features:])


@over_time
def cfc(w, x, h, gated=True):
    x, t = elapsed_of(w, x)
    seen = np.hstack([x, h]) @ np.vstack([w["kernel"], w["recurrent_kernel"]]) + w["bias"]
    f, g, a, b = cut(1.7159 * np.tanh(0.666 * seen) @ w["head_kernel"] + w["head_bias"], 4)
    s = 1 / (1 + np.exp(-(a * t + b)))
    return [((1 - s) if gated else 1) * np.tanh(f) + s * np.tanh(g)]


def phased_lstm(w, inputs, states, open_ratio=0.05, leak=0.001):
    """With the time itself, as in the paper, instead of shares of a period."""
    (h, c, t), outputs = states, []
    period, shift = np.exp(w["clock"][0]), w["clock"][1] * np.exp(w["clock"][0])
    now, (pi, pf, po) = sum(cut(t, 2)) * period, w["peephole"]
    for x in inputs:
        x, elapsed = elapsed_of(w, x)
        now = now + elapsed
        i, f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
        new = sigmoid(f + pf * c) * c + sigmoid(i + pi * c) * np.tanh(g)
        phase = np.mod(now - shift, period) / period
        rising, falling = 2 * phase / open_ratio, 2 - 2 * phase / open_ratio
        k = np.where(phase < open_ratio / 2, rising, np.where(phase < open_ratio, falling, leak * phase))
        h = k * sigmoid(o + po * new) * np.tanh(new) + (1 - k) * h
        c = k * new + (1 - k) * c
        outputs.append(h)
    return np.array(outputs)


@over_time
def on_lstm(w, x, h, c):
    i, f, g, o = cut(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
    master = cut(x @ w["master_kernel"] + h @ w["master_recurrent_kernel"] + w["master_bias"], 2)
    rising = [np.cumsum(np.exp(z) / np.exp(z).sum(-1, keepdims=True), axis=-1) for z in master]
    ranks = h.shape[-1] // rising[0].shape[-1]
    mi, mf = np.repeat(1 - rising[0], ranks, -1), np.repeat(rising[1], ranks, -1)
    both = mi * mf
    c = (sigmoid(f) * both + (mf - both)) * c + (sigmoid(i) * both + (mi - both)) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@over_time
def lmu(w, x, h, m, order=32, theta=100.0):
    i, j = np.mgrid[:order, :order]
    r = (2 * np.arange(order) + 1)[:, None]
    system = np.zeros((order + 1, order + 1))
    system[:-1, :-1] = np.where(i < j, -1, (-1.0) ** (i - j + 1)) * r
    system[:-1, -1:] = (-1.0) ** np.arange(order)[:, None] * r
    held = scipy.linalg.expm(system / theta)
    u = x @ w["input_encoder"] + h @ w["hidden_encoder"] + m @ w["memory_encoder"]
    each = [held[:-1, :-1] @ part.T + np.outer(held[:-1, -1], u[:, k]) for k, part in enumerate(cut(m, u.shape[-1]))]
    m = np.vstack(each).T
    return np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + m @ w["memory_kernel"] + w["bias"]), m
