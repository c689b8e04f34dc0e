// Microphone and loudspeaker of a call: the page's side of worklet.js.

/** Why there is no microphone, as the keys of the hints in strings.js. */
function whyNot(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "micDenied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "micMissing";
    case "NotReadableError":
    case "AbortError":
      return "micBusy";
    default:
      return "micFailed";
  }
}

/**
 * The sound of one call. `on` has `frame(buffer)`, `level(rms)`, `marked(name, how)`, `sounding(yes)`
 * and `microphoneLost()`.
 */
export class Sound {
  constructor(on) {
    this.on = on;
    this.context = null;
    this.stream = null;
  }

  /** Opens the loudspeaker. To be called while a click is handled, or browsers keep it silent. */
  async open(volume) {
    this.context = new AudioContext({ latencyHint: "interactive" });
    const context = this.context;
    const resumed = context.resume();
    await context.audioWorklet.addModule("/kiosk/worklet.js");
    // A browser that waits for a click never settles this; the next click resumes.
    await Promise.race([resumed, new Promise((done) => setTimeout(done, 500))]);
    this.gain = new GainNode(context, { gain: volume });
    this.playback = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.playback.connect(this.gain).connect(context.destination);
    this.playback.port.onmessage = ({ data }) => {
      if (data.marked !== undefined) {
        // Taken from the buffer is not yet in the air.
        const ms = data.how === "played" ? 1000 * (context.outputLatency || context.baseLatency || 0) : 0;
        setTimeout(() => this.on.marked(data.marked, data.how), Math.min(ms, 500));
      }
      if (data.sounding !== undefined) this.on.sounding(data.sounding);
    };
  }

  /** Opens the microphone; returns null, or why there is none (a key of strings.js). */
  async listen() {
    if (!window.isSecureContext) return "micInsecure";
    if (!navigator.mediaDevices?.getUserMedia) return "micMissing";
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      return whyNot(error);
    }
    // The call may have been ended while the browser asked.
    if (!this.context) {
      this.stopMicrophone();
      return null;
    }
    this.stream.getAudioTracks()[0].onended = () => this.on.microphoneLost();
    this.source = new MediaStreamAudioSourceNode(this.context, { mediaStream: this.stream });
    this.capture = new AudioWorkletNode(this.context, "capture", { outputChannelCount: [1] });
    this.capture.port.onmessage = ({ data }) => {
      this.on.level(data.level);
      this.on.frame(data.frame);
    };
    // Silent, but only what leads to the loudspeaker is run everywhere.
    this.source.connect(this.capture).connect(this.context.destination);
    return null;
  }

  play(pcm) {
    this.playback?.port.postMessage({ pcm }, [pcm]);
  }

  mark(mark) {
    this.playback?.port.postMessage({ mark });
  }

  clear() {
    this.playback?.port.postMessage({ clear: true });
  }

  mute(muted) {
    this.capture?.port.postMessage({ muted });
  }

  volume(value) {
    this.gain?.gain.setTargetAtTime(value, this.context.currentTime, 0.02);
  }

  stopMicrophone() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  /** Lets go of microphone and loudspeaker; what is queued is still heard for `seconds`. */
  close(seconds = 0) {
    this.stopMicrophone();
    this.source?.disconnect();
    this.capture?.disconnect();
    const context = this.context;
    this.context = null;
    this.playback = null;
    if (context) setTimeout(() => context.close(), 1000 * seconds);
  }
}
