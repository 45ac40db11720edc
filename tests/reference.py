"""The cells in NumPy, written from their papers and from nothing in rnnkit: one function a cell, named by its key.

Each takes the weights by name, the inputs `[time, batch, features]` and the states before the first step in the order
of the cell's `state_names`, and gives the outputs of all steps, `[time, batch, units]`. Gates are cut in the order that
the cell's docstring states.
"""

import numpy as np


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
