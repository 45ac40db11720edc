/** Sounds of the browser's microphone, and of files, as samples of one channel at one rate. */

import { RnnkitError } from "../../src/errors.js";
import { thousands } from "../../src/python/text.js";
import { joined } from "../../src/sound_stream.js";
import { Decimator, multipleFor } from "./resampling.js";
import { plainWav } from "./wav.js";

const REFUSED = {
  NotAllowedError: "The browser did not let this page hear the microphone. Allow it beside the address, and try again.",
  NotFoundError: "There is no microphone. Plug one in, or choose a file with a sound.",
};

/** A microphone that is on, as chunks of samples that come until it is turned off. */
export class Microphone {
  /**
   * @param {MediaStream} stream
   * @param {AudioContext} context
   * @param {AudioWorkletNode} node
   * @param {Decimator} decimator
   */
  constructor(stream, context, node, decimator) {
    this.stream = stream;
    this.context = context;
    /** @type {Float32Array[]} */
    this.waiting = [];
    this.off = false;
    this.wake = () => {};
    node.port.onmessage = ({ data }) => {
      this.waiting.push(decimator.take(data));
      this.wake();
    };
  }

  /**
   * Turn it on.
   * @param {number} rate Samples a second that are wanted.
   * @throws {RnnkitError} There is none, or it is not allowed, or the browser has no such rate.
   */
  static async on(rate) {
    let stream;
    try {
      const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      const { name, message } = /** @type {DOMException} */ (error);
      const known = /** @type {Record<string, string>} */ (REFUSED)[name];
      throw new RnnkitError(known ?? `The microphone cannot be heard (${message ?? error}).`);
    }
    const times = multipleFor(rate);
    const context = new AudioContext({ sampleRate: times * rate });
    try {
      await context.audioWorklet.addModule("microphone.js");
      const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
      context.createMediaStreamSource(stream).connect(node);
      await context.resume();
      return new Microphone(stream, context, node, new Decimator(times));
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      await context.close();
      throw new RnnkitError(
        `This browser does not give a microphone's sound at ${thousands(rate)} samples a second (${error}). Try ` +
          "another one, such as Chromium.",
      );
    }
  }

  /** The chunks, float32 `[time]` each. */
  async *chunks() {
    while (!this.off || this.waiting.length) {
      const chunk = this.waiting.shift();
      if (chunk) yield chunk;
      else await new Promise((go) => (this.wake = () => go(null)));
    }
  }

  /** Turn it off; the chunks end. */
  async stop() {
    this.off = true;
    for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
    this.wake();
  }
}

/**
 * The samples of a sound file, float32 `[time]`; channels are averaged. A plain WAV file of this rate is taken as it
 * is.
 * @param {Blob} file
 * @param {number} rate Samples a second that are wanted.
 * @throws {RnnkitError} The browser cannot read it.
 */
export async function samplesOfFile(file, rate) {
  const bytes = await file.arrayBuffer();
  const plain = plainWav(bytes);
  if (plain?.rate === rate) return plain.samples;
  const times = multipleFor(rate);
  const context = new OfflineAudioContext(1, 1, times * rate);
  let sound;
  try {
    sound = await context.decodeAudioData(bytes);
  } catch {
    throw new RnnkitError("This file is no sound that the browser can read; expected WAV, FLAC, Ogg or MP3.");
  }
  const mixed = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++)
    sound.getChannelData(channel).forEach((value, place) => (mixed[place] += value / sound.numberOfChannels));
  const decimator = new Decimator(times);
  return joined(decimator.take(mixed), decimator.finish());
}
