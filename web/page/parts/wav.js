/** Plain WAV files, as they are: no browser reads rates below some thousands, and resampling changes the others. */

/** How a sample is read, by codec and bits. @type {Record<string, (view: DataView, at: number) => number>} */
const READ = {
  "1 8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1 16": (view, at) => view.getInt16(at, true) / 2 ** 15,
  "1 24": (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23,
  "1 32": (view, at) => view.getInt32(at, true) / 2 ** 31,
  "3 32": (view, at) => view.getFloat32(at, true),
};

/**
 * The samples of a WAV file of integers or floats, channels averaged, float32 `[time]`, and its rate; null for any
 * other file, and for a broken one.
 * @param {ArrayBuffer} bytes
 * @returns {{samples: Float32Array, rate: number} | null}
 */
export function plainWav(bytes) {
  const view = new DataView(bytes);
  const mark = (/** @type {number} */ at) =>
    at + 8 <= bytes.byteLength ? String.fromCharCode(...new Uint8Array(bytes, at, 4)) : "";
  if (mark(0) !== "RIFF" || mark(8) !== "WAVE") return null;
  let form = null;
  for (let at = 12; mark(at);) {
    const [name, size] = [mark(at), view.getUint32(at + 4, true)];
    at += 8;
    if (at + size > bytes.byteLength) return null;
    if (name === "fmt " && size >= 16) {
      const [codec, channels] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
      form = { codec, channels, rate: view.getUint32(at + 4, true), bits: view.getUint16(at + 14, true) };
    }
    if (name === "data") return form && decoded(view, at, size, form);
    at += size + (size % 2);
  }
  return null;
}

/**
 * @param {DataView} view
 * @param {number} start
 * @param {number} size
 * @param {{codec: number, channels: number, rate: number, bits: number}} form
 */
function decoded(view, start, size, { codec, channels, rate, bits }) {
  const read = READ[`${codec} ${bits}`];
  if (!read || !channels || !rate) return null;
  const wide = bits / 8;
  const samples = Float32Array.from({ length: Math.floor(size / wide / channels) }, (_, place) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += read(view, start + (place * channels + channel) * wide);
    }
    return sum / channels;
  });
  return samples.length && samples.every(Number.isFinite) ? { samples, rate } : null;
}
