"""What state spaces, gated linear cells and the orthogonal one do beside their equations: starts, widths, range."""

import numpy as np
import pytest
import reference
import scipy.linalg
import scipy.signal
from ai_edge_litert.interpreter import Interpreter
from keras import ops

from rnnkit import cells
from rnnkit.cells._expm import cayley, expm
from rnnkit.cells._hippo import hippo_n
from rnnkit.cells._initializers import Rotations
from rnnkit.errors import RnnkitError
from rnnkit.export.micro.operators import OPERATORS
from rnnkit.export.streaming import export_sequence, export_step
from rnnkit.layers.accelerated import portable
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.run_cell import run_cell, scan_sequence
from rnnkit.lite.interpreter import open_model
from rnnkit.testing import check_cell
from rnnkit.testing.subject import named, randomize

#: Arguments that change the equations, and what the formula has to know of them.
VARIANTS = {
    "rg_lru": ({"heads": 2, "c": 4.0}, {"heads": 2, "c": 4.0}),
    "selective_ssm": ({"d_state": 3, "dt_rank": 2}, {}),
    "s4d": ({"d_state": 4}, {}),
    "s5": ({"d_state": 8, "blocks": 2}, {}),
    "hgrn": ({"lower": 0.25}, {"lower": 0.25}),
    "rwkv4": ({"use_bias": True}, {}),
    "lipschitz_rnn": ({"epsilon": 0.5, "beta": 0.6, "gamma": 0.1}, {"epsilon": 0.5, "beta": 0.6, "gamma": 0.1}),
    "exp_rnn": ({"map": "cayley"}, {"cayley": True}),
}
ENTERED = ("rg_lru", "selective_ssm", "s4d", "s5")
LINEAR = (*ENTERED, "hgrn", "rwkv4")


def built(key, units=64, features=5, **arguments):
    cell = cells.get_cell(key)(units, **arguments)
    cell.build((None, features))
    return cell


def filled(key, units=6, features=5, **arguments):
    layer = Recurrent(cells.get_cell(key)(units, **arguments), return_sequences=True)
    layer.build((None, None, features))
    randomize(layer.trainable_weights)
    return layer


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIANTS)
def test_own_arguments_keep_the_contract(key):
    arguments, constants = VARIANTS[key]

    def formula(w, inputs, states):
        return getattr(reference, key)(w, inputs, states, **constants)

    check_cell(cells.get_cell(key), reference=formula, arguments=arguments, points=(2, 3, 4, 5))


@pytest.mark.parametrize("key", ENTERED)
def test_an_input_as_wide_as_the_state_is_taken_as_it_is(key):
    layer, inputs = filled(key, units=6, features=6), np.random.default_rng(0).normal(size=(3, 7, 6)).astype("float32")
    cell = layer.cells[0]
    assert cell.entry_kernel is None and "entry_kernel" not in named(cell)
    zeros = [np.zeros((3, size)) for size in cell.state_size]
    expected = getattr(reference, key)(named(cell), inputs.transpose(1, 0, 2), zeros)
    np.testing.assert_allclose(layer(inputs), expected.transpose(1, 0, 2), atol=1e-5)


@pytest.mark.parametrize("key", LINEAR)
def test_long_sequences_are_those_of_single_steps(key):
    """With hidden steps in front, in between and behind, from states that are not zero, larger inputs than usual."""
    layer, random = filled(key, features=3), np.random.default_rng(1)
    cell, steps = layer.cells[0], 150
    inputs = ops.convert_to_tensor(5 * random.normal(size=(steps, 3, 3)).astype("float32"))
    mask = np.ones((steps, 3, 1), bool)
    mask[:60, 0] = mask[100:, 1] = False
    mask[:, 2, 0] = random.random(steps) < 0.5
    states = cell.get_initial_state(3)
    for x in inputs[:3]:
        _, states = cell(x, states)
    for hidden in (None, ops.convert_to_tensor(mask)):
        with portable():
            outputs, last = run_cell(cell, inputs, states, hidden, pool=None)
        scanned, scanned_last = scan_sequence(cell, inputs, states, hidden, False)
        shown = 1.0 if hidden is None else mask
        np.testing.assert_allclose(scanned * shown, outputs * shown, atol=2e-5 * np.abs(outputs * shown).max())
        if key == "rwkv4":  # whose sums mean something at their true size alone
            (y, a, b, m), (y2, a2, b2, m2) = last, scanned_last
            last, scanned_last = (y, a * ops.exp(m - m2), b * ops.exp(m - m2)), (y2, a2, b2)
        for mine, theirs in zip(scanned_last, last, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=2e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("key", ["rg_lru", "selective_ssm", "hgrn", "rwkv4", "lipschitz_rnn", "exp_rnn"])
def test_without_biases_there_are_none(key):
    layer = Recurrent(built(key, 4, use_bias=False))
    assert np.isfinite(layer(np.ones((2, 3, 5), "float32"))).all()
    assert not [weight.name for weight in layer.weights if "bias" in weight.name]


# ---------------------------------------------------------------- RG-LRU


def test_rg_lru_starts_on_a_ring_and_its_heads_do_not_hear_one_another():
    cell = built("rg_lru", seed=1)
    largest = np.exp(-8 * np.log1p(np.exp(cell.decay.numpy())))
    assert 0.9 < largest.min() < 0.91 and 0.99 < largest.max() < 0.999
    assert abs(cell.kernel.numpy().std() * 8 - 1) < 0.05
    assert built("rg_lru", heads=4).kernel.shape == (16, 128)
    layer = filled("rg_lru", units=6, features=6, heads=2)
    inputs = np.random.default_rng(0).normal(size=(1, 5, 6)).astype("float32")
    changed = inputs + np.array([0, 0, 0, 1, 1, 1], "float32")
    np.testing.assert_array_equal(layer(inputs)[..., :3], layer(changed)[..., :3])
    assert np.abs(layer(inputs) - layer(changed))[..., 3:].max() > 0.1


def test_rg_lru_holds_still_when_its_gate_is_shut_and_has_finite_gradients_there():
    import tensorflow as tf

    cell = built("rg_lru", 3, 3, kernel_initializer="zeros")
    cell.bias.assign([0.0] * 3 + [-200.0] * 3)  # r underflows to 0: a is 1, and the root of 1 - a^2 has no slope
    state = tf.ones((1, 3))
    with tf.GradientTape() as tape:
        output, _ = cell(tf.ones((1, 3)), [state])
    assert all(np.isfinite(each).all() for each in tape.gradient(output, [cell.kernel.value, cell.decay.value]))
    np.testing.assert_allclose(output, state, atol=5e-4)


# ---------------------------------------------------------------- state spaces


def test_hippo_n_has_the_eigenvalues_of_the_normal_part_of_hippo_legs():
    size = 16
    root = np.sqrt(2 * np.arange(size) + 1)
    legs = -np.tril(np.outer(root, root), -1) - np.diag(np.arange(size) + 1)
    normal = legs + np.outer(root, root) / 2
    eigenvalues, vectors = hippo_n(size)
    np.testing.assert_allclose(normal @ vectors, vectors * eigenvalues, atol=1e-9)
    np.testing.assert_allclose(vectors.conj().T @ vectors, np.eye(size // 2), atol=1e-9)
    np.testing.assert_allclose(
        np.sort(np.concatenate([eigenvalues.imag, -eigenvalues.imag])),
        np.sort(np.linalg.eigvals(normal).imag),
        atol=1e-9,
    )


def test_state_spaces_start_as_in_their_papers():
    mamba = built("selective_ssm", d_state=4)
    np.testing.assert_allclose(np.exp(mamba.a_log.numpy()), np.tile([1, 2, 3, 4], (64, 1)), rtol=1e-6)
    assert mamba.dt_kernel.shape == (4, 64) and (mamba.d.numpy() == 1).all()
    for steps in (np.log1p(np.exp(mamba.dt_bias.numpy())), *(np.exp(built(k).log_dt.numpy()) for k in ("s4d", "s5"))):
        assert 0.001 <= steps.min() < 0.005 and 0.05 < steps.max() < 0.1001
    s4d = built("s4d", d_state=8)
    np.testing.assert_allclose(-np.exp(s4d.log_a.numpy()), -0.5, rtol=1e-6)
    np.testing.assert_allclose(s4d.omega.numpy()[3], np.pi * np.arange(4), rtol=1e-6)
    assert abs((s4d.c.numpy() ** 2).sum(0).mean() - 1) < 0.15  # of a complex number
    s5 = built("s5", d_state=8, blocks=2)
    np.testing.assert_allclose(s5.omega.numpy(), np.tile(hippo_n(4)[0].imag, 2), rtol=1e-6)
    assert s5.kernel.shape == (64, 8) and s5.c.shape == (8, 64) and built("s5", 4).d.shape == (4,)


def test_s5_starts_as_a_system_in_the_coordinates_of_its_eigenvectors():
    """B becomes V^H B and C becomes C V, in blocks; here B is 1 and C is 1 + i throughout."""
    cell = built("s5", 5, d_state=8, blocks=2, kernel_initializer="ones", recurrent_initializer="ones")
    vectors = scipy.linalg.block_diag(hippo_n(4)[1], hippo_n(4)[1])
    (br, bi), (cr, ci) = np.split(cell.kernel.numpy(), 2, axis=1), np.split(cell.c.numpy(), 2)
    np.testing.assert_allclose(br.T + 1j * bi.T, vectors.conj().T @ np.ones((8, 5)), atol=1e-6)
    np.testing.assert_allclose(cr.T + 1j * ci.T, (1 + 1j) * np.ones((5, 8)) @ vectors, atol=1e-6)


@pytest.mark.parametrize("key", ["s5", "s4d"])
def test_steps_hold_the_input_as_scipy_does(key):
    """scipy.signal.cont2discrete on the differential equation itself."""
    layer = filled(key, units=3, features=3, d_state=4)
    w, inputs = named(layer.cells[0]), np.random.default_rng(0).normal(size=(1, 9, 3)).astype("float32")
    if key == "s5":
        (br, bi), (cr, ci) = np.split(w["kernel"], 2, 1), np.split(w["c"], 2)
        systems = [(-np.exp(w["log_a"]) + 1j * w["omega"], np.exp(w["log_dt"]), (br + 1j * bi).T, (cr + 1j * ci).T)]
    else:
        c = w["c"][0] + 1j * w["c"][1]
        systems = [
            (-np.exp(w["log_a"][u]) + 1j * w["omega"][u], np.exp(w["log_dt"][u]), np.ones((2, 1)), c[u][None])
            for u in range(3)
        ]
    columns = []
    for number, (a, dt, b, c) in enumerate(systems):
        u = inputs[0] if key == "s5" else inputs[0][:, number : number + 1]
        total = np.zeros((9, len(c)))
        for n in range(len(a)):
            step = dt if np.ndim(dt) == 0 else dt[n]
            abar, bbar, *_ = scipy.signal.cont2discrete(
                (a[n].reshape(1, 1), b[n].reshape(1, -1), np.ones((1, 1)), np.zeros((1, b.shape[1]))), step, "zoh"
            )
            s = np.zeros(1, complex)
            for t in range(9):
                s = abar[0] * s + bbar @ u[t]
                total[t] += 2 * (c[:, n] * s).real
        columns.append(total)
    expected = np.concatenate(columns, axis=1) + w["d"] * inputs[0]
    np.testing.assert_allclose(layer(inputs)[0], expected, atol=1e-5)


@pytest.mark.slow
def test_short_steps_of_mamba_keep_their_digits_on_a_phone():
    """A step is a softplus of about -7, whose log(1 + 0.001) would cost a phone some of its seven digits."""
    cell, exact = built("selective_ssm", 24), built("selective_ssm", 24, dtype="float64")
    exact.set_weights([weight.numpy() for weight in cell.weights])
    x, given = np.ones((1, 5), "float32"), {"s": np.zeros((1, 24 * 16), "float32"), "y": np.zeros((1, 24), "float32")}
    found = open_model(export_step(cell, 5)).get_signature_runner()(x=x, **given)["s"]
    _, (_, expected) = exact(x, exact.get_initial_state(1))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-9)


# ---------------------------------------------------------------- RWKV-4, HGRN


def test_rwkv4_starts_as_its_authors_first_layer():
    cell = built("rwkv4")
    assert cell.bias is None and (cell.decay.numpy()[0], cell.decay.numpy()[-1]) == (-5, 3)
    np.testing.assert_allclose(cell.bonus.numpy()[:4] - np.log(0.3), [0, 0.5, -0.5, 0], atol=1e-6)
    assert built("rwkv4", 1).decay.numpy().tolist() == [-5]


@pytest.mark.parametrize("size", [1.0, 200.0])
@pytest.mark.parametrize("form", ["step", "scan"])
def test_rwkv4_bears_keys_of_any_size(size, form):
    """exp(200) is no float32: values are weighted right all the same, and where all keys are low as well."""
    layer = filled("rwkv4", units=4, features=4)
    cell = layer.cells[0]
    cell.kernel.assign(np.concatenate([np.eye(4), np.eye(4)[::-1], np.zeros((4, 4))], axis=1))  # k = x, v = x reversed
    inputs = size * np.random.default_rng(0).normal(size=(7, 2, 4))
    inputs[:, 1] = -abs(inputs[:, 1])
    states = [np.zeros((2, 4))] * 4
    expected = reference.rwkv4(named(cell), inputs, states)
    given = [ops.convert_to_tensor(state.astype("float32")) for state in states]
    tensor = ops.convert_to_tensor(inputs.astype("float32"))
    if form == "scan":
        found, _ = scan_sequence(cell, tensor, given, None, False)
    else:
        with portable():
            found, _ = run_cell(cell, tensor, given, None, pool=None)
    np.testing.assert_allclose(found, expected, atol=1e-4 * size)


def test_hgrn_never_forgets_faster_than_its_floor():
    cell = filled("hgrn", lower=0.5).cells[0]
    (decay,), _ = cell.recurrence(*cell.project_gates(ops.convert_to_tensor(50 * np.ones((1, 5), "float32"))))
    assert np.asarray(decay).min() >= 0.5
    assert built("hgrn", longest=50).bias.numpy().reshape(3, 64)[1].std() > 0.3


# ---------------------------------------------------------------- orthogonal and Lipschitz


def skew(size, norm, seed=0):
    a = np.random.default_rng(seed).normal(size=(size, size))
    a = a - a.T
    return (a * norm / np.linalg.norm(a, 2)).astype("float32")


@pytest.mark.parametrize("norm", [0.0, 1e-3, 1.0, 3.0, 30.0, 300.0])
def test_expm_is_that_of_scipy(norm):
    for size in (1, 2, 5, 40):
        a = skew(size, norm) if size > 1 else np.zeros((1, 1), "float32")
        found, expected = np.asarray(expm(a)), scipy.linalg.expm(a.astype("float64"))
        np.testing.assert_allclose(found, expected, atol=3e-6 * max(1, norm / 3))  # A's own rounding counts norm times
        np.testing.assert_allclose(found @ found.T, np.eye(size), atol=6e-6 * max(1, norm / 3))
    any_matrix = norm / 30 * np.random.default_rng(1).normal(size=(5, 5)) / 3  # not skew-symmetric
    np.testing.assert_allclose(expm(any_matrix), scipy.linalg.expm(any_matrix), rtol=1e-7, atol=1e-9)


def test_the_gradient_of_expm_is_its_frechet_derivative():
    import tensorflow as tf

    a, toward = skew(6, 2.0).astype("float64"), np.random.default_rng(1).normal(size=(6, 6))
    along = tf.constant(a)
    with tf.GradientTape() as tape:
        tape.watch(along)
        total = tf.reduce_sum(expm(along) * toward)
    expected = scipy.linalg.expm_frechet(a.T, toward, compute_expm=False)
    np.testing.assert_allclose(tape.gradient(total, along), expected, atol=1e-8)


def test_cayley_is_the_map_of_helfrich():
    a, one = skew(6, 2.0).astype("float64"), np.eye(6)
    np.testing.assert_allclose(cayley(a), np.linalg.inv(one + a) @ (one - a), atol=1e-12)


@pytest.mark.parametrize("name", ["exp", "cayley"])
def test_an_orthogonal_matrix_keeps_lengths(name):
    cell = built("exp_rnn", map=name)
    q = np.asarray(cell.prepared())
    np.testing.assert_allclose(q @ q.T, np.eye(64), atol=1e-5)
    u = cell.recurrent_kernel.numpy()
    assert len(np.flatnonzero(u)) == 32 and np.abs(u).max() < np.pi and np.abs(u).max() > 2
    assert np.abs(cell.bias.numpy()).max() <= 0.01
    cell.bias.assign(np.zeros(64))
    state = np.random.default_rng(0).normal(size=(2, 64)).astype("float32")
    _, (after,) = cell(np.zeros((2, 5), "float32"), [ops.convert_to_tensor(state)])
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), np.linalg.norm(state, axis=1), rtol=1e-5)


@pytest.mark.parametrize("kind, map_of, most", [("henaff", expm, 180), ("cayley", cayley, 90)])
def test_rotations_turn_pairs_by_angles_over_their_range(kind, map_of, most):
    u = np.asarray(Rotations(kind, seed=1)((41, 41))).astype("float64")
    assert len(np.flatnonzero(u)) == 20 and not u[40].any()
    turns = np.sort(np.abs(np.degrees(np.angle(np.linalg.eigvals(np.asarray(map_of(u - u.T)))))))
    assert turns[0] == 0 and turns[1] < 0.2 * most and 0.8 * most < turns[-1] < most
    with pytest.raises(RnnkitError, match="kind is 'haar'; expected 'henaff' or 'cayley'"):
        Rotations("haar")


def test_lipschitz_matrices_are_mixed_as_said():
    cell = built("lipschitz_rnn", beta=0.5, gamma=0.25)
    for mixed, kernel in zip(cell.prepared(), (cell.linear_kernel, cell.recurrent_kernel), strict=True):
        np.testing.assert_allclose(mixed, kernel.numpy() - 0.25 * np.eye(64), atol=1e-6)  # half and half: U itself
    skewed, _ = built("lipschitz_rnn", beta=1.0, gamma=0.0).prepared()
    np.testing.assert_allclose(skewed, -np.transpose(skewed), atol=1e-6)


@pytest.mark.parametrize("key", ["exp_rnn", "lipschitz_rnn"])
def test_matrices_are_made_once_a_sequence(key):
    calls = []
    cell_class = cells.get_cell(key)

    class Counted(cell_class):
        def prepare(self):
            calls.append(1)
            return super().prepare()

    Recurrent(Counted(4))(np.ones((2, 7, 5), "float32"))
    assert len(calls) == 1


@pytest.mark.slow
@pytest.mark.parametrize("key, arguments", [("exp_rnn", {}), ("exp_rnn", {"map": "cayley"}), ("lipschitz_rnn", {})])
def test_matrices_are_made_before_they_reach_a_phone(key, arguments):
    """An exported file has one product of a state with each matrix, and none to make it."""
    layer = Recurrent(built(key, 40, **arguments), return_sequences=True)
    layer.build((None, None, 5))
    for model, steps in ((export_step(layer, 5), 1), (export_sequence(layer, 5, 2, "unroll"), 2)):
        found = [each["op_name"] for each in Interpreter(model_content=model)._get_ops_details()]
        assert found.count("FULLY_CONNECTED") <= (1 if steps == 2 else 0) + steps * 2 + 1
        assert not {"TRANSPOSE", "BATCH_MATMUL", "SUB"} & set(found), found


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIANTS)
def test_a_step_has_operators_that_microcontrollers_have(key):
    found = {each["op_name"] for each in Interpreter(model_content=export_step(built(key, 8), 5))._get_ops_details()}
    assert found - {"DELEGATE", "SELECT"} <= OPERATORS  # SELECT is written as SELECT_V2 there


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("rg_lru", {"heads": 3}),
        ("rg_lru", {"heads": 0}),
        ("rg_lru", {"heads": 2.0}),
        ("rg_lru", {"c": 0.0}),
        ("rg_lru", {"r_min": 0.999, "r_max": 0.9}),
        ("selective_ssm", {"d_state": 0}),
        ("selective_ssm", {"d_state": 2.5}),
        ("selective_ssm", {"dt_rank": 0}),
        ("selective_ssm", {"dt_min": 0.2, "dt_max": 0.1}),
        ("s4d", {"d_state": 5}),
        ("s5", {"d_state": 6, "blocks": 2}),
        ("s5", {"blocks": 0}),
        ("hgrn", {"lower": 1.0}),
        ("lipschitz_rnn", {"beta": 0.4}),
        ("lipschitz_rnn", {"epsilon": 0.0}),
        ("exp_rnn", {"map": "expm"}),
    ],
)
def test_what_makes_no_sense_is_refused(key, wrong):
    with pytest.raises(RnnkitError, match=f"{next(iter(wrong))} is .*; expected"):
        cells.get_cell(key)(4, **wrong)


def test_rwkv4_refuses_zoneout():
    with pytest.raises(RnnkitError, match="zoneout means nothing to RWKV4Cell"):
        cells.RWKV4Cell(4, zoneout=0.1)


@pytest.mark.parametrize("key", cells.names())
def test_arguments_of_numbers_refuse_everything_else(key):
    """What would fail within Keras, or train to nan: part of a unit, words, no number and infinity."""
    shared = RecurrentCell.arguments()
    for name, default in cells.get_cell(key).arguments().items():
        if name in shared or isinstance(default, bool) or not isinstance(default, int | float):
            continue
        for wrong in ("2", float("nan"), float("inf"), *[1.5] * isinstance(default, int)):
            with pytest.raises(ValueError, match=f"{name} is .*; expected"):
                cells.get_cell(key)(12, **{name: wrong})
