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
