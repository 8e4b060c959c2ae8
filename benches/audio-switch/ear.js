/**
 * Hears which of two tones plays, and how long nothing does.
 *
 * In: sound, and `reset`. Out: a message for each change of the tone, with the time of the audio context at
 * which it was heard and the longest silence since the reset, in seconds.
 */

/** Samples that one tone is told from the other by: 11 ms at 48 kHz. */
const WINDOW = 512;
/** Quieter than this is silence; the tones are at −18 dB and more. */
const SILENT = 0.002;

/** How much of a frequency there is (Goertzel). */
function power(samples, hertz) {
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample + factor * one - two, one];
  return one * one + two * two - factor * one * two;
}

registerProcessor(
  'ear',
  class extends AudioWorkletProcessor {
    window = new Float32Array(WINDOW);
    filled = 0;
    silent = 0;
    longest = 0;
    tone = '';

    constructor() {
      super();
      this.port.onmessage = () => {
        this.longest = 0;
        this.silent = 0;
      };
    }

    process([[samples = new Float32Array(128)]]) {
      for (const [at, sample] of samples.entries()) {
        this.silent = Math.abs(sample) < SILENT ? this.silent + 1 : 0;
        this.longest = Math.max(this.longest, this.silent);
        this.window[this.filled] = sample;
        this.filled += 1;
        if (this.filled === WINDOW) {
          this.filled = 0;
          const atSecs = currentTime + (at - WINDOW / 2) / sampleRate;
          const [low, high] = [power(this.window, 330), power(this.window, 880)];
          const tone = high > 4 * low ? 'high' : low > 4 * high ? 'low' : this.tone;
          if (tone !== this.tone) {
            this.tone = tone;
            this.port.postMessage({ tone, atSecs, silenceSecs: this.longest / sampleRate });
          }
        }
      }
      if (this.silent > 0) this.port.postMessage({ silenceSecs: this.longest / sampleRate });
      return true;
    }
  },
);
