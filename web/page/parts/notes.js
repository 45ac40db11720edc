/** Tunes drawn and played: abcjs reads and draws them; the sound is made here, since its own is fetched from afar. */

/** A note: when it begins and how long it is, in seconds; its number as in MIDI; the parts of its picture. */
/** @typedef {{start: number, duration: number, pitch: number, parts: Element[]}} Note */

const [ATTACK, RELEASE, LOUD] = [0.01, 0.08, 0.18];

/**
 * Draw a tune.
 * @param {HTMLElement} place
 * @param {string} text In ABC notation, of which the end may be missing.
 * @returns {Promise<Note[]>}
 */
export async function notes(place, text) {
  const { default: renderAbc } = await import("abcjs/src/api/abc_tunebook_svg.js");
  const wide = place.clientWidth || 600;
  const [tune] = renderAbc(place, `X:1\n${text}`, {
    add_classes: true,
    staffwidth: Math.max(wide - 32, 240),
    paddingleft: 8,
    paddingright: 8,
    wrap: { minSpacing: 1.4, maxSpacing: 2.6, preferredMeasuresPerLine: wide > 520 ? 4 : wide > 380 ? 3 : 2 },
  });
  if (!tune?.lines?.length) return [];
  const { num, den } = tune.getMeterFraction();
  const whole = tune.millisecondsPerMeasure() / 1000 / (num / den || 1);
  /** @type {any[]} */
  const made = tune.setUpAudio().tracks.flat();
  return made
    .filter(({ cmd }) => cmd === "note")
    .map(({ start, duration, pitch, startChar }) => ({
      start: start * whole,
      duration: duration * whole,
      pitch,
      parts:
        startChar === undefined ? [] : (tune.getElementFromChar(startChar)?.abselem?.elemset ?? []).filter(Boolean),
    }));
}

/**
 * Play notes.
 * @param {readonly Note[]} tune
 * @param {() => void} ended Called at the end.
 * @returns {() => void} Stops it.
 */
export function played(tune, ended) {
  const sound = new AudioContext();
  const loud = new GainNode(sound, { gain: LOUD });
  loud.connect(sound.destination);
  const begin = sound.currentTime + 0.1;
  for (const { start, duration, pitch } of tune) {
    const frequency = 440 * 2 ** ((pitch - 69) / 12);
    const voice = new OscillatorNode(sound, { type: "triangle", frequency });
    const level = new GainNode(sound, { gain: 0 });
    const [from, to] = [begin + start, begin + start + duration];
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(1, from + ATTACK);
    level.gain.exponentialRampToValueAtTime(0.35, Math.max(to - RELEASE, from + 2 * ATTACK));
    level.gain.linearRampToValueAtTime(0.0001, Math.max(to, from + 3 * ATTACK));
    voice.connect(level).connect(loud);
    voice.start(from);
    voice.stop(to + RELEASE);
  }
  let running = true;
  const last = Math.max(0, ...tune.map(({ start, duration }) => start + duration));
  /** What is lit; a note that is repeated is one picture. @type {Element[]} */
  let lit = [];
  const light = (/** @type {Element[]} */ parts) => {
    for (const part of lit) part.classList.remove("sounds");
    for (const part of parts) part.classList.add("sounds");
    lit = parts;
  };
  const stop = () => {
    running = false;
    light([]);
    if (sound.state !== "closed") void sound.close();
  };
  const follow = () => {
    if (!running) return;
    const now = sound.currentTime - begin;
    light(tune.flatMap(({ start, duration, parts }) => (now >= start && now < start + duration ? parts : [])));
    if (now > last + RELEASE) {
      stop();
      ended();
    } else requestAnimationFrame(follow);
  };
  follow();
  return stop;
}
