// The socket of one call: kiosk/1 from the page's side (KIOSK.md has the messages).

const SUBPROTOCOL = "ivr.kiosk.v1";
/** More than this waiting to be sent is a network that stands still: sound is dropped, not delayed. */
const LONGEST_BACKLOG = 32_000;

export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.busy = status === 503;
  }
}

/**
 * One call. `on` has `ready()`, `play(buffer)`, `mark(name)`, `clear()`, `words(message)`,
 * `secret(on)` and `over(end)`, which is called once: `end` is the server's message, or null where the
 * connection was lost.
 */
export class Line {
  constructor(on) {
    this.on = on;
    this.socket = null;
    this.end = null;
    this.left = false;
  }

  /** Asks for a token and opens the socket. */
  async open(language) {
    const answer = await fetch("/kiosk/token", { method: "POST", cache: "no-store" });
    if (!answer.ok) throw new Refused(answer.status);
    const { token } = await answer.json();
    // Hung up while the token was on its way.
    if (this.left) return;
    const url = new URL("/kiosk/media", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send({ type: "start", format: "pcm16le", rate: 16000, token, language });
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.told(data) : this.on.play(data));
    socket.onclose = () => this.closed();
    this.socket = socket;
  }

  told(text) {
    const message = JSON.parse(text);
    switch (message.type) {
      case "ready":
        return this.on.ready();
      case "mark":
        return this.on.mark(message.name);
      case "clear":
        return this.on.clear();
      case "text":
        return this.on.words(message);
      case "secret":
        return this.on.secret(message.on);
      case "end":
        this.end = message;
        return undefined;
      // A newer server may say more.
      default:
        return undefined;
    }
  }

  closed() {
    if (!this.left) this.on.over(this.end);
    this.left = true;
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  frame(pcm) {
    if (this.socket?.readyState === WebSocket.OPEN && this.socket.bufferedAmount < LONGEST_BACKLOG) {
      this.socket.send(pcm);
    }
  }

  marked(name, how) {
    this.send({ type: "marked", name, how });
  }

  key(digit) {
    this.send({ type: "dtmf", digit });
  }

  type(text) {
    this.send({ type: "text", text });
  }

  /** The caller hangs up. `over` is not called. */
  hangUp() {
    this.left = true;
    this.send({ type: "stop" });
    this.socket?.close(1000);
  }
}
