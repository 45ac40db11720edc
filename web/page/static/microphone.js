/** Runs beside the page, in the browser's thread of sounds: hands over what a microphone gives, in chunks. */

const SIZE = 512;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunk = new Float32Array(SIZE);
    this.filled = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    const count = channels[0]?.length ?? 0;
    for (let place = 0; place < count; place++) {
      let sum = 0;
      for (const channel of channels) sum += channel[place];
      this.chunk[this.filled++] = sum / channels.length;
      if (this.filled === SIZE) {
        this.port.postMessage(this.chunk);
        this.chunk = new Float32Array(SIZE);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
