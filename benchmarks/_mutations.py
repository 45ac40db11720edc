"""Mistakes that a careless editor would make, planted one at a time by `mutations.py`.

For each file: the quick tests that concern it, then for each mistake the original text, its replacement, and the
mistake in words. `test_mutations.py` checks that each text still occurs exactly once.
"""

from typing import NamedTuple


class Mutation(NamedTuple):
    """One mistake."""

    file: str
    tests: tuple[str, ...]
    old: str
    new: str
    mistake: str


_DECODING = ("tests/decoding/test_decode.py", "rnnkit/decoding")
_LABELS = ("tests/metrics/test_labels.py", "rnnkit/metrics/labels.py")
_ENTITIES = ("tests/metrics/test_entities.py", "rnnkit/metrics/entities.py")
_BOOTSTRAP = ("tests/metrics/test_bootstrap.py", "rnnkit/metrics/bootstrap.py")
_CAPTIONS = ("tests/metrics/test_captions.py", "rnnkit/metrics/captions.py")
_BUCKETS = ("tests/data/test_bucketing.py", "rnnkit/data/bucketing.py")
_RAGGED = ("tests/data/test_bucketing.py", "tests/data/test_growing.py", "rnnkit/data/ragged.py")
_POOLS = ("tests/layers/test_pooling.py", "tests/layers/test_recurrent.py")
_CRF = ("tests/layers/crf", "rnnkit/layers/crf")
_ATTENTION = ("tests/layers/attention",)
_RUN = ("tests/layers/test_recurrent.py", "tests/training/test_through_time.py", "tests/cells/test_contract.py")
_LINEAR = ("rnnkit/layers/linear_recurrence.py", "tests/cells/test_contract.py")
_SOUNDS = ("tests/data/test_sounds.py",)
_HOSTILE = ("tests/tasks/shared/test_hostile_recordings.py",)
_SPECTROGRAM = ("tests/codec/test_spectrogram.py", "rnnkit/codec/spectrogram.py")
_TAGS = ("tests/codec/test_tag_schemes.py", "rnnkit/codec/tag_schemes.py")
_VOCABULARY = ("tests/codec/test_vocabulary.py", "rnnkit/codec/vocabulary.py")
_WORDS = ("tests/codec/test_word_features.py", "rnnkit/codec/word_features.py")
_TRAINING = (
    "tests/training/test_trainer.py",
    "rnnkit/training/loop.py",
    "tests/training/test_averaging.py",
    "tests/training/test_resume.py",
    "tests/training/test_checkpoint.py",
)
_PARITY = ("tests/export/test_exporter.py",)

_PLANTED: dict[str, tuple[tuple[str, ...], list[tuple[str, str, str]]]] = {
    "decoding/penalties.py": (_DECODING, [
        ("score = log_p / self.length_factor(length)", "score = log_p", "forgotten length penalty"),
        ("((5.0 + length) / 6.0)", "((5.0 + length) / 5.0)", "wrong constant of the length penalty"),
        ("logs if mask is None else logs * mask", "logs", "padding of the source counts as uncovered"),
        ("ops.minimum(ops.maximum(covered, _LEAST_COVERED), 1.0)", "ops.maximum(covered, _LEAST_COVERED)",
         "coverage is not capped at 1"),
        ("self.length_factor(float(most))", "self.length_factor(1.0)", "the bound takes the shortest length"),
    ]),
    "decoding/beam.py": (_DECODING, [
        ("ended[:, self.n_best - 1]", "ended[:, 0]", "stops at the best ended hypothesis, not the n-th"),
        ("rank < width - ended_already", "rank < width", "the beam does not narrow"),
        ("ops.cast(t + 1, \"float32\"), covered", "ops.cast(t, \"float32\"), covered", "length off by one"),
        ("covered = covered + attention", "covered = attention", "coverage is not summed"),
        ("parents = row * width + ", "parents = row + ", "parents of another row"),
        ("flat = ops.reshape(row * 2 * width", "flat = ops.reshape(row * width", "merges rows at the wrong places"),
        ("ops.where(ops.logical_or(ends, alive <= _LIVING), NEVER, alive)", "alive", "ended hypotheses go on"),
    ]),
    "decoding/choices.py": (_DECODING, [
        ("sorted_logits / temperature", "sorted_logits * temperature", "temperature the wrong way round"),
        ("before < top_p", "before + p < top_p", "the nucleus stops one id short"),
        ("uniform, -1) * reached[:, -1:]", "uniform, -1)", "what is kept is not normalised"),
        ("reached <= aim", "reached < aim - 1", "draws the first id always"),
        ("min(top_k, words) if top_k else words", "words", "top_k is ignored"),
        ("(seed, place)", "(seed, 0)", "every place draws the same numbers"),
    ]),
    "decoding/step.py": (_DECODING, [
        ("ops.cast(attention, \"float32\") * words, 1", "ops.cast(attention, \"float32\"), 1",
         "ids are aligned to marks"),
    ]),
    "codec/spectrogram.py": (_SPECTROGRAM, [
        ("joined[len(static) * self.hop_size :]", "joined[(len(static) + 1) * self.hop_size :]",
         "a stream loses a hop of samples"),
        ("np.repeat(static[:1], self.context", "np.repeat(0 * static[:1], self.context",
         "a stream begins with silence"),
    ]),
    "codec/wav.py": (_SOUNDS, [
        ("astype(np.float32) - 128) / 128", "astype(np.float32)) / 128", "8 bits with a sign"),
        ("at += size + size % 2", "at += size", "odd chunks without their padding"),
    ]),
    "data/sounds.py": (_HOSTILE, [
        ("if values.shape[1] > 1 and float", "if not silent and values.shape[1] > 1 and float",
         "channels that cancel each other out are heard as silence"),
    ]),
    "tasks/sound_classifier/backgrounds.py": (_HOSTILE, [
        ("except RnnkitError:  # it is told", "except KeyError:  # it is told", "one broken background refuses all"),
    ]),
    "tasks/sound_classifier/source.py": (_HOSTILE, [
        ("(entry is folder and path.is_dir())", "not path.is_file()", "broken links are passed over in silence"),
    ]),
    "tasks/shared/recordings.py": (_HOSTILE, [
        ("faults.append(error)\n", "raise\n", "the first broken frames refuse all"),
    ]),
    "cli/opened_inputs.py": (("tests/cli/test_opened_inputs.py",), [
        ("found[place] = str(error)", "raise", "one broken file refuses all"),
        ("opened[one] if one in opened else self.open_one(one)", "self.open_one(one)", "files are opened again"),
    ]),
    "decoding/ctc_beam.py": (("tests/decoding/test_ctc.py", "tests/lite/test_speech_stream.py"), [
        ("self._told[self._length[node] - 1 : self._length[node]] != [node]", "True", "all units are told again"),
        ("self._told = [number.get(node, -1) for node in self._told]", "pass", "forgotten prefixes count as told"),
        ("node = _ROOT if self.boundaries.begins[1, unit] else self._parent[node]", "node = self._parent[node]",
         "a last word without a separator goes on to the beginning"),
        ("self._crowded = 2 * len(self._parent) + _CROWDED", "self._crowded = _CROWDED",
         "prefixes of a long text are forgotten at each frame"),
    ]),
    "lite/transcribing.py": (("tests/lite/test_speech_stream.py",), [
        ("del self._marks[stay + 1 :]", "pass", "what a search takes back stays"),
        ("blank = blank or (ends and length > 0)", "blank = ends and length > 0", "a blank sign alone is forgotten"),
        ("blank = blank or (ends and length > 0)", "blank = blank or ends", "a text begins with a blank sign"),
    ]),
    "tasks/base/doubts.py": (("tests/tasks/base/test_fitting.py",), [
        ("right <= truths.max() and right", "right", "a part that is small is doubted"),
        ("return bool(right <= truths.max() and right <= by_chance + _STANDARD_ERRORS * error)",
         "return bool(right <= truths.max())", "a network that finds rare labels is doubted"),
        ("by_chance + by_chance**2 - (truths * answers) @ (truths + answers)", "by_chance * (1 - by_chance)",
         "a network that finds very rare labels is doubted"),
    ]),
    "tasks/sound_classifier/explained.py": (("tests/tasks/sound_classifier/test_explained.py",), [
        ("spans[place][0] : spans[place][1]] = usual", "spans[place][0] :] = usual", "all behind a stretch is hidden"),
    ]),
    "training/bars.py": (("tests/training/test_bars.py",), [
        ("bar.remove_task(task)", "bar.refresh()", "a bar that is full stays"),
    ]),
    "data/ogg_pages.py": (_SOUNDS, [("if not flags & 4:", "if flags & 8:", "an Ogg file may lack its last page")]),
    "metrics/labels.py": (_LABELS, [
        ("dtype=np.int64) * classes + np", "dtype=np.int64) + classes * np", "confusion transposed"),
        ("confusion.sum(axis=0) + confusion.sum(axis=1)", "confusion.sum(axis=0) + confusion.sum(axis=0)",
         "recall forgotten in F1"),
        ("total > 0", "total >= 0", "absent classes count"),
        ("sorted_probability[1:] > sorted_probability[:-1]", "sorted_probability[1:] >= sorted_probability[:-1]",
         "a threshold between equal probabilities"),
        ("(f1_zero + f1_one) / 2", "f1_one", "F1 of one class for the macro F1"),
        ("math.exp(nats)", "2**nats", "perplexity to the wrong base"),
    ]),
    "metrics/entities.py": (_ENTITIES, [
        ("right / max(guessed, 1), right / max(known, 1)", "right / max(known, 1), right / max(guessed, 1)",
         "precision and recall swapped"),
        ("2 * right / max(guessed + known, 1)", "right / max(guessed + known, 1)", "F1 without its 2"),
        ("in true & found)", "in found)", "every guess is right"),
        ("for kinds in (true, found))", "for kinds in (found, true))", "confusion of types transposed"),
    ]),
    "metrics/bootstrap.py": (_BOOTSTRAP, [
        ("outside = (1 - level) / 2", "outside = 1 - level", "the interval is one of 90 %"),
        ("random.integers(examples, size=examples)", "random.permutation(examples)", "drawn without repetition"),
        ("bound = outside ** (1 / examples)", "bound = 1.0", "all answers right counts as certain"),
    ]),
    "metrics/corpus_sums.py": (_BOOTSTRAP, [
        ("weight = _CHRF_BETA**2", "weight = _CHRF_BETA", "chrF's beta not squared"),
        ("there = (ours > 0) & (theirs > 0)", "there = ours >= 0", "n-grams longer than the texts count"),
    ]),
    "metrics/fold_summary.py": (("tests/metrics/test_fold_summary.py",), [
        ("1 / len(values) + tested_to_trained", "1 / len(values)", "folds count as independent"),
        ("values.std(ddof=1)", "values.std()", "deviation divided by the number of folds"),
    ]),
    "data/folds.py": (("tests/data/test_folds.py",), [
        ("_LEAST_TRAINED = 2", "_LEAST_TRAINED = 1", "a label learnt from a single example"),
        ("first = dict(zip(reversed(data.keys), reversed(labels), strict=True))",
         "first = dict(zip(data.keys, [\"\"] * len(labels), strict=True))", "folds not stratified"),
    ]),
    "metrics/captions.py": (_CAPTIONS, [
        ("min(value, other) * other", "value * other", "CIDEr-D without its clipping"),
        ("weight = _ROUGE_BETA**2", "weight = _ROUGE_BETA", "beta not squared"),
        ("max(row[place], before[place + 1])", "before[place + 1]", "the subsequence forgets a side"),
    ]),
    "data/bucketing.py": (_BUCKETS, [
        ("max(-(-longest // multiple_of), 1) * multiple_of", "max(longest // multiple_of, 1) * multiple_of",
         "rounded down"),
        ("rounded if maximum is None else min(rounded, maximum)", "rounded", "no longest length"),
        ("numeric(row)[:maximum]", "numeric(row)", "long rows are not cut"),
        ("np.random.default_rng([self.seed, epoch])", "np.random.default_rng(self.seed)", "every epoch the same order"),
        ("return -(-len(self.lengths) // self.batch_size)", "return len(self.lengths) // self.batch_size",
         "the last batch is not counted"),
    ]),
    "data/ragged.py": (_RAGGED, [
        ("self.offsets[indices[first:end]] - offsets[first:end] + start", "self.offsets[indices[first:end]] + start",
         "taken rows stand at wrong places"),
        ("offsets[first:end] + start", "offsets[first:end]", "rows of a second block stand at wrong places"),
        ("found += np.bincount(", "found = np.bincount(", "the last block alone is counted"),
        ("if row.dtype == np.uint16", "if row.dtype == np.uint32", "ids are uint16"),
        ("if (ids != given).any():", "if False:", "integers overflow in silence"),
        ("if not all(np.array_equal(each, values, equal_nan=may_be_nan) for each in (back, cast)):", "if False:",
         "a cast loses in silence"),
    ]),
    "layers/pooling.py": (_POOLS, [
        ("return new if mask is None else ops.where(mask, new, pool)", "return new", "dropped mask in the loop"),
        ("pool / ops.maximum(seen, ops.ones_like(seen))", "pool / ops.cast(ops.shape(mask)[0], pool.dtype)",
         "the mean divides by padding too"),
        ("ops.where(seen > 0, pool, ops.zeros_like(pool)) if self.kind", "pool if self.kind",
         "the maximum of padding alone is the lowest number"),
        ("return -6e4 if", "return 0.0 if", "float16 maximum begins at 0"),
        ("ops.arange(1, length + 1, dtype=\"int32\")", "ops.arange(0, length, dtype=\"int32\")",
         "the last shown step is off by one"),
    ]),
    "layers/crf/lattice.py": (_CRF, [
        ("score = ops.where(shown, new, score)", "score = new", "hidden steps count"),
        ("tags[:, :-1] * size + tags[:, 1:]", "tags[:, 1:] * size + tags[:, :-1]", "transitions the wrong way round"),
        ("into = ops.transpose(lattice.transitions)", "into = lattice.transitions", "transitions not transposed"),
        ("ops.logsumexp(last + lattice.end, axis=-1)", "ops.logsumexp(last, axis=-1)", "forgotten end scores"),
        ("ops.equal(place, count - 1)", "ops.equal(place, length - 1)", "the end is taken at the padding"),
        ("ops.softmax(before + after, axis=-1)", "ops.softmax(before, axis=-1)", "marginals without the way back"),
    ]),
    "layers/crf/best_paths.py": (_CRF, [
        ("score = ops.max(last + lattice.end, axis=-1)", "score = ops.max(last, axis=-1)", "forgotten end scores"),
        ("ops.where(here, found % count, rank)", "rank", "the rank is not followed back"),
        ("tag = ops.where(shown, best, ops.zeros_like(best))", "tag = best", "tags at hidden steps"),
    ]),
    "layers/attention/attention.py": (_ATTENTION, [
        ("wide = ops.where(shown, wide, _HIDDEN)", "wide = ops.where(shown, wide, 0.0)", "padding is attended to"),
        ("ops.tanh(hidden), self.v", "hidden, self.v", "no tanh in the additive score"),
        ("ops.matmul(memory, self.memory_kernel) + self.bias", "ops.matmul(memory, self.memory_kernel)",
         "forgotten bias"),
    ]),
    "layers/run_cell.py": (_RUN, [
        ("ops.where(mask, state, before)", "state", "hidden steps change the state"),
        ("x=state, y=before", "x=state, y=state", "hidden steps change the state in training"),
        ("ops.mod(steps, truncate), 0), steps > 0)", "ops.mod(steps, truncate), 0), steps >= 0)",
         "the first step is cut off from the first states"),
        ("return ops.flip(whole[0], axis=0), whole[1]", "return whole[0], whole[1]", "outputs stay reversed"),
        ("(None if flags is None else ops.flip(flags, axis=0) for flags in (mask, begins))", "(mask, begins)",
         "the mask is not reversed"),
    ]),
    "layers/accelerated.py": (_RUN, [
        ("if training and cell.dropout else", "if cell.dropout else", "dropout outside training"),
    ]),
    "layers/gathered.py": (("tests/layers/test_gathered.py",), [
        ("tf.matmul(upstream, kernel, transpose_b=True)", "upstream[:, : x.shape[-1]]", "a wrong gradient of inputs"),
        ("x if reverse else tf.reverse(x, [0])", "x", "inputs in the wrong order"),
    ]),
    "layers/gathered_plan.py": (("tests/layers/test_gathered.py",), [
        ("fixed = not any(", "fixed = True or any(", "kernels that change within the loop are gathered"),
        ("if each.op.name in before", "if each.op.name in ()", "weights dropped before the loop are not gathered"),
        (' or _may_change(each.op)', "", "weights that a step draws are gathered"),
        ('("Stateless", "PartitionedCall")', '("PartitionedCall",)', "weights drawn from a seed are gathered"),
        ("tf.identity(made)", "made", "a product that is a state too has the gradient of its sum alone"),
        ("total if total.shape == product.shape else product", "total", "a broadcast product has its sum's gradient"),
        ("fixed and alike and", "fixed and", "products of two precisions are gathered"),
    ]),
    "layers/block.py": (("tests/layers/test_block.py",), [
        ("around + self.drops[0]", "self.drops[0]", "no shortcut around the layer"),
        ("self.norms[2](z) if self.last else z", "z", "the last block is not normalised"),
    ]),
    "layers/cell_noise.py": (_RUN, [
        ("(1, *ops.shape(features)[1:])", "(1, 1, *ops.shape(features)[2:])", "one dropout mask for all rows"),
        ("keep * old + (1 - keep) * state", "keep * state + (1 - keep) * old", "zoneout keeps the wrong one"),
        ("h * self._recurrent_mask", "h", "no recurrent dropout"),
    ]),
    "layers/linear_recurrence.py": (_LINEAR, [
        ("a[0] * b[0] - a[1] * b[1]", "a[0] * b[0] + a[1] * b[1]", "a complex product with the wrong sign"),
        ("rest, algebra.one)", "rest, algebra.zero)", "filled up with a decay of 0"),
        ("(a[0], -a[1])", "(a[0], a[1])", "forgotten conjugate in the gradient"),
        ("ops.expand_dims(h0, 0), h[:-1]]", "ops.expand_dims(h0, 0) * 0, h[:-1]]",
         "the gradient forgets the first state"),
    ]),
    "codec/tag_schemes.py": (_TAGS, [
        ("found.append((begin, len(tags), current))", "found.append((begin, len(tags) - 1, current))",
         "the last entity is one short"),
        ("if letter == \"I\" and kind == current:", "if letter == \"I\":", "another type goes on with an entity"),
        ("\"\" if strict and letter == \"I\" else kind", "kind", "strict is ignored"),
        ("[\"I\"] * (end - begin - 2)", "[\"I\"] * (end - begin - 1)", "a tag too many"),
        ("_BEGIN_ONLY, _LAST = \"BSU\", \"ESLU\"", "_BEGIN_ONLY, _LAST = \"BSU\", \"ESL\"", "U ends no entity"),
    ]),
    "codec/vocabulary.py": (_VOCABULARY, [
        ("self._ids.get(token, UNKNOWN)", "self._ids.get(token, PAD)", "unknown words become padding"),
        ("number if number > UNKNOWN else UNKNOWN", "number", "special words that someone writes are taken for ours"),
        ("max_size - len(SPECIALS), min_count", "max_size, min_count", "three words too many"),
        ("tokens[: max(max_length - 1, 0)]", "tokens[: max(max_length - 2, 0)]", "cut one word early"),
        ("unknown = sum(count for word", "unknown = sum(1 for word", "unknown words counted once each"),
    ]),
    "codec/word_features.py": (_WORDS, [
        ("word[: most - most // 2] + word[len(word) - most // 2 :]", "word[:most]", "the end of long words is lost"),
        ("range(most, len(made), most)", "range(0, len(made), most)", "pieces are joined at the wrong places"),
        ("made[place - 1][2:] == made[place][2:]", "made[place - 1] != \"O\"", "entities of two types become one"),
        ("if digits * 2 >= len(word) and digits > 1:", "if digits * 2 > len(word) and digits > 1:", "not half"),
    ]),
    "codec/frame_scaling.py": (_SPECTROGRAM, [
        ("mean = mean + share * off", "mean = mean - share * off", "a running mean runs away"),
    ]),
    "training/trainer.py": (_TRAINING, [
        ("model.set_weights(keeper.best)", "pass", "the last weights instead of the best"),
        ("(-1 if less_is_better", "(1 if less_is_better", "a high loss is best"),
        ("progress.epoch - improved >= self.patience", "progress.epoch - improved > self.patience", "off by one"),
        ("losses.index(min(losses))", "losses.index(max(losses))", "max for min"),
        ("alpha=END", "alpha=10 * END", "wrong default of the schedule"),
    ]),
    "training/loop.py": (_TRAINING, [
        ("batches(training, epoch)", "batches(training, first)", "every epoch the same order, and another if resumed"),
        ("float(value) * rows", "float(value)", "batches are not weighed by their rows"),
        ("with averaged(model):\n", "if True:\n", "validated without the average"),
    ]),
    "training/averaging.py": (_TRAINING, [
        ("        for weight, value in zip(model.trainable_variables, kept, strict=True):\n"
         "            weight.assign(value)", "        pass", "the average stays in the model"),
    ]),
    "training/checkpoint.py": (_TRAINING, [
        ("(\"variable\", model.variables), (\"optimizer\", model.optimizer.variables)):\n        for index",
         "(\"variable\", model.variables),):\n        for index", "the optimizer begins anew"),
        ("if not 1 <= value <= most:", "if not 1 <= value:", "epochs beyond the training"),
    ]),
    "export/parity.py": (_PARITY, [
        ("_LEAD = 0.1", "_LEAD = 1.1", "no example is ever decided"),
        ("ranked[:, -1] - ranked[:, -2] > _LEAD", "ranked[:, -1] > _LEAD", "decided by one probability"),
        ("difference <= largest and agreement.same_label_decided >= same", "difference <= largest",
         "other labels are let through"),
        ("np.abs(ours.astype(np.float64) - theirs).max()", "np.nanmax(np.abs(ours.astype(np.float64) - theirs))",
         "NaN is let through"),
        ("if decided.sum() < fewest:", "if True:", "undecided answers always count"),
        ("side == known.values)[known.mask]", "side == known.values)", "unknown targets count as wrong"),
        ("np.where(np.isfinite(far), far, np.inf)", "np.nan_to_num(far)", "NaN among values is let through"),
        ("np.maximum(np.ptp(rows, axis=0)", "np.maximum(np.ptp(others, axis=0)",
         "the spread of the export's own outputs"),
    ]),
}  # fmt: skip

MUTATIONS = [
    Mutation(f"rnnkit/{file}", tests, *planted) for file, (tests, several) in _PLANTED.items() for planted in several
]
#: Mistakes that no test can see, and why: what they change makes no difference.
EQUIVALENT: dict[str, str] = {
    "rnnkit/layers/linear_recurrence.py: filled up with a decay of 0": (
        "Forwards the filled steps come after the last one, and backwards before it, where the state is 0: what such a "
        "decay multiplies is 0 or is not read."
    ),
    "rnnkit/codec/vocabulary.py: unknown words become padding": (
        "The next line makes whatever is no word, padding too, the unknown word."
    ),
}
