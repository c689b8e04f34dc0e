// Sound between the browser and kiosk/1, on the audio thread: the microphone to 20 ms frames of
// 16 kHz PCM, and frames of 16 kHz PCM to the loudspeaker through a jitter buffer that tells which
// marks were heard.

/** Sampling rate of the wire, Hz. */
export const WIRE_HZ = 16000;
/** Samples of a frame on the wire: 20 ms. */
export const FRAME = 320;

/** Zero crossings of the filter's kernel on each side: a transition band of 1 kHz at 16 kHz. */
const ZEROS = 40;
/** Positions between two samples for which the kernel is tabulated; between them it is interpolated. */
const PHASES = 256;
/** Shape of the Kaiser window: what is stopped is 80 dB down. */
const BETA = 7.86;
/** Cutoff relative to the narrower side's highest frequency: the transition band ends there. */
const CUTOFF = 0.94;

/** Modified Bessel function of the first kind, order 0. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * Converts a stream of samples from one rate to another with a windowed sinc (polyphase, any ratio).
 * What the narrower side cannot hold is filtered out, so nothing folds back.
 */
export class Resampler {
  constructor(fromHz, toHz) {
    this.step = fromHz / toHz;
    const cutoff = CUTOFF * Math.min(1, toHz / fromHz);
    /** Input samples on each side of an output sample that go into it. */
    this.half = Math.ceil(ZEROS / cutoff);
    this.taps = 2 * this.half;
    this.table = new Float32Array((PHASES + 1) * this.taps);
    for (let phase = 0; phase <= PHASES; phase += 1) {
      for (let tap = 0; tap < this.taps; tap += 1) {
        const t = tap - this.half + 1 - phase / PHASES;
        const inside = 1 - (t / this.half) ** 2;
        const window = inside > 0 ? bessel(BETA * Math.sqrt(inside)) / bessel(BETA) : 0;
        const x = Math.PI * cutoff * t;
        const sinc = t === 0 ? 1 : Math.sin(x) / x;
        this.table[phase * this.taps + tap] = cutoff * sinc * window;
      }
    }
    this.equal = fromHz === toHz;
    this.reset();
  }

  /** Forgets the sound before. */
  reset() {
    /** The input that is still needed; at first silence, so that the first sample has a left side. */
    this.held = new Float32Array(this.half);
    /** Place of the next output sample in `held`. */
    this.at = this.half;
  }

  /** Converts `input`; returns the samples that are due. */
  push(input) {
    if (this.equal) return Float32Array.from(input);
    const held = new Float32Array(this.held.length + input.length);
    held.set(this.held);
    held.set(input, this.held.length);
    const last = held.length - this.half - 1;
    const count = Math.max(0, Math.floor((last - this.at) / this.step) + 1);
    const out = new Float32Array(count);
    for (let n = 0; n < count; n += 1) {
      const at = this.at + n * this.step;
      const whole = Math.floor(at);
      const phase = (at - whole) * PHASES;
      const low = Math.floor(phase);
      const share = phase - low;
      const from = whole - this.half + 1;
      const a = low * this.taps;
      const b = a + this.taps;
      let sum = 0;
      for (let tap = 0; tap < this.taps; tap += 1) {
        const kernel = this.table[a + tap] * (1 - share) + this.table[b + tap] * share;
        sum += held[from + tap] * kernel;
      }
      out[n] = sum;
    }
    this.at += count * this.step;
    const drop = Math.max(0, Math.floor(this.at) - this.half);
    this.held = held.slice(drop);
    this.at -= drop;
    return out;
  }
}

/** Samples between −1 and 1 to 16 bits, little-endian whatever the machine is. */
export function toPcm(samples) {
  const bytes = new DataView(new ArrayBuffer(samples.length * 2));
  for (let n = 0; n < samples.length; n += 1) {
    const value = Math.max(-1, Math.min(1, samples[n]));
    bytes.setInt16(2 * n, Math.round(value * 32767), true);
  }
  return bytes.buffer;
}

/** The other way round. */
export function fromPcm(buffer) {
  const bytes = new DataView(buffer);
  const samples = new Float32Array(bytes.byteLength >> 1);
  for (let n = 0; n < samples.length; n += 1) samples[n] = bytes.getInt16(2 * n, true) / 32768;
  return samples;
}

/**
 * The jitter buffer: chunks and marks in order, of which samples are taken at the loudspeaker's pace.
 * It begins to play when `target` seconds are there, or have passed; each time it runs dry in the
 * middle of a sentence it keeps more, up to LONGEST_TARGET.
 */
export class JitterBuffer {
  static TARGET = 0.06;
  static LONGEST_TARGET = 0.3;
  /** Fade at a clear, in s, so that it does not click. */
  static FADE = 0.005;

  constructor(rate) {
    this.rate = rate;
    this.target = JitterBuffer.TARGET;
    this.items = [];
    this.offset = 0;
    this.buffered = 0;
    this.playing = false;
    /** Seconds that the first waiting chunk has waited. */
    this.waited = 0;
    /** The last thing that came was a mark: running dry is the end of a sentence, not a gap. */
    this.whole = true;
    this.underruns = 0;
    this.fade = null;
  }

  chunk(samples) {
    if (samples.length === 0) return;
    if (this.buffered === 0 && !this.playing) this.waited = 0;
    this.items.push({ samples });
    this.buffered += samples.length;
    this.whole = false;
  }

  mark(name) {
    this.items.push({ mark: name });
    this.whole = true;
  }

  /** Drops everything; returns the names of the marks that were dropped. */
  clear() {
    const marks = this.items.filter((item) => item.mark !== undefined).map((item) => item.mark);
    const rest = this.playing ? this.take(Math.round(this.rate * JitterBuffer.FADE), []) : null;
    if (rest) {
      for (let n = 0; n < rest.length; n += 1) rest[n] *= 1 - n / rest.length;
    }
    this.fade = rest && rest.length > 0 ? rest : null;
    this.items = [];
    this.offset = 0;
    this.buffered = 0;
    this.playing = false;
    this.whole = true;
    return marks;
  }

  /** Fills `out`; returns the marks that were reached. */
  fill(out) {
    const reached = [];
    out.fill(0);
    if (this.fade) {
      out.set(this.fade.subarray(0, out.length));
      this.fade = this.fade.length > out.length ? this.fade.subarray(out.length) : null;
      return reached;
    }
    if (!this.playing) {
      const ready = this.buffered >= this.target * this.rate || this.waited >= this.target;
      if (this.buffered > 0 && ready) this.playing = true;
      else if (this.buffered > 0) this.waited += out.length / this.rate;
      else this.pass(reached);
    }
    if (this.playing) {
      const got = this.take(out.length, reached);
      out.set(got);
      if (got.length < out.length) {
        this.playing = false;
        this.waited = 0;
        if (!this.whole) {
          this.underruns += 1;
          this.target = Math.min(this.target * 1.5, JitterBuffer.LONGEST_TARGET);
        }
      }
    }
    return reached;
  }

  /** Marks at the front have been reached. */
  pass(reached) {
    while (this.items.length > 0 && this.items[0].mark !== undefined) reached.push(this.items.shift().mark);
  }

  take(count, reached) {
    const got = new Float32Array(Math.min(count, this.buffered));
    let filled = 0;
    while (filled < got.length) {
      this.pass(reached);
      const { samples } = this.items[0];
      const part = samples.subarray(this.offset, this.offset + got.length - filled);
      got.set(part, filled);
      filled += part.length;
      this.offset += part.length;
      if (this.offset === samples.length) {
        this.items.shift();
        this.offset = 0;
      }
    }
    this.buffered -= got.length;
    this.pass(reached);
    return got;
  }
}

// The classes above are also read by the tests, outside of an audio thread.
if (globalThis.registerProcessor) {
  /** The microphone: posts {frame, level} every 20 ms. While muted, silence: the line's clock goes on. */
  class Capture extends AudioWorkletProcessor {
    constructor() {
      super();
      this.resampler = new Resampler(sampleRate, WIRE_HZ);
      this.frame = new Float32Array(FRAME);
      this.filled = 0;
      this.muted = false;
      this.port.onmessage = ({ data }) => {
        if (data.muted !== undefined) this.muted = data.muted;
      };
    }

    process(inputs) {
      const channels = inputs[0];
      if (!channels || channels.length === 0) return true;
      const samples = this.resampler.push(channels[0]);
      for (const sample of samples) {
        this.frame[this.filled] = sample;
        this.filled += 1;
        if (this.filled === FRAME) this.post();
      }
      return true;
    }

    post() {
      this.filled = 0;
      let energy = 0;
      for (const sample of this.frame) energy += sample * sample;
      if (this.muted) this.frame.fill(0);
      const frame = toPcm(this.frame);
      this.port.postMessage({ frame, level: Math.sqrt(energy / FRAME) }, [frame]);
    }
  }

  /** The loudspeaker: takes {pcm}, {mark} and {clear}; posts {marked, how} and {sounding}. */
  class Playback extends AudioWorkletProcessor {
    constructor() {
      super();
      this.resampler = new Resampler(WIRE_HZ, sampleRate);
      this.buffer = new JitterBuffer(sampleRate);
      this.sounding = false;
      this.port.onmessage = ({ data }) => this.take(data);
    }

    take(data) {
      if (data.pcm) {
        this.buffer.chunk(this.resampler.push(fromPcm(data.pcm)));
      } else if (data.mark !== undefined) {
        // What the filter still holds belongs before the mark.
        this.buffer.chunk(this.resampler.push(new Float32Array(this.resampler.equal ? 0 : this.resampler.half)));
        this.buffer.mark(data.mark);
      } else if (data.clear) {
        this.resampler.reset();
        this.tell(this.buffer.clear(), "cleared");
      }
    }

    tell(marks, how) {
      for (const marked of marks) this.port.postMessage({ marked, how });
    }

    process(_, outputs) {
      const [left, ...others] = outputs[0];
      this.tell(this.buffer.fill(left), "played");
      for (const channel of others) channel.set(left);
      if (this.sounding !== this.buffer.playing) {
        this.sounding = this.buffer.playing;
        this.port.postMessage({ sounding: this.sounding, underruns: this.buffer.underruns });
      }
      return true;
    }
  }

  registerProcessor("capture", Capture);
  registerProcessor("playback", Playback);
}
