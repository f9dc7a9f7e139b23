/* The one websocket of this tab (contract section 4).

   Events are numbered without gaps: what arrives must be the last number plus one. Anything else means that something was
   missed, so the socket is opened again with `after`. When the server cannot resume, listeners are told to load the state
   ("reset") and the numbering goes on from the number in "hello". */

const PING_MS = 20_000;
const PATIENCE_MS = 25_000; // after a ping; with it a dead line is noticed within 45 s
const STABLE_MS = 10_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const CROWDED_DELAY_MS = 30_000;
const CHECK_MS = 240_000;
const MOST_GAPS = 3;

const NOT_SIGNED_IN = 4401;
const NOT_ALLOWED = 4403;
const BAD_FRAME = 4400;
const TOO_MANY = 4429;

export class Live {
  #listeners = new Map();
  #socket = null;
  #attempt = 0;
  #gaps = 0;
  #target = null;
  #timers = {};
  #pingAt = 0;
  #focus = null;
  #stopped = true;

  /** @param {{url: string, after: number|null, epoch: string|null, Socket?: typeof WebSocket, random?: () => number}} options */
  constructor({ url, after, epoch, Socket = globalThis.WebSocket, random = Math.random }) {
    this.url = url;
    this.seq = after;
    this.epoch = epoch;
    this.sum = null;
    this.state = "connecting";
    this.closeCode = null;
    this.Socket = Socket;
    this.random = random;
  }

  /** Listen: "event" (each durable frame, in order), "live", "reset", "caught-up", "alive", "state", "signed-out", "refused". */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  #emit(type, detail) {
    for (const listener of this.#listeners.get(type) || []) {
      try {
        listener(detail);
      } catch (error) {
        // One screen part that stumbles must not stop the numbering for the others.
        console.error(error);
      }
    }
  }

  start() {
    this.#stopped = false;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timers.retry);
    this.#drop();
  }

  get isLive() {
    return this.state === "live";
  }

  /** Say which conversation is looked at; said again after every reconnect. */
  focus(thread) {
    this.#focus = thread || null;
    this.#send({ t: "focus", thread: this.#focus });
  }

  typing(thread, on) {
    this.#send({ t: "typing", thread, on });
  }

  #send(frame) {
    if (this.#socket?.readyState === 1 && this.state === "live") this.#socket.send(JSON.stringify(frame));
  }

  /** Ask whether the line is alive and do not wait long: after sleep, or when the network came back. */
  probe() {
    if (this.#stopped) return;
    if (this.#socket?.readyState !== 1) {
      this.#attempt = 0;
      clearTimeout(this.#timers.retry);
      this.#connect();
      return;
    }
    this.#ping();
    clearTimeout(this.#timers.probe);
    this.#timers.probe = setTimeout(() => this.#pingAt && this.#lost(), 5_000);
  }

  /** Forget the place and load everything: the history we hold is not the server's. */
  restart() {
    this.seq = null;
    this.#attempt = 0;
    this.#drop();
    this.#connect();
  }

  // -- the line

  #connect() {
    if (this.#stopped || (this.#socket && this.#socket.readyState <= 1)) return;
    const url = new URL(this.url);
    if (this.seq !== null && this.seq !== undefined) {
      url.searchParams.set("after", this.seq);
      if (this.epoch) url.searchParams.set("epoch", this.epoch);
    }
    url.searchParams.set("html", "1");
    let socket;
    try {
      socket = new this.Socket(url.href, "orasync.v1");
    } catch {
      this.#later();
      return;
    }
    this.#socket = socket;
    // A server that takes the connection and says nothing is as good as none.
    this.#timers.hello = setTimeout(() => this.#lost(), PATIENCE_MS);
    socket.onmessage = (message) => socket === this.#socket && this.#receive(message.data);
    socket.onclose = (close) => socket === this.#socket && this.#closed(close.code);
    socket.onerror = () => {};
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#pingAt = 0;
    for (const name of ["hello", "ping", "probe", "stable", "check"]) clearTimeout(this.#timers[name]);
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #lost() {
    this.#drop();
    this.#closed(1006);
  }

  #closed(code) {
    this.#drop();
    this.closeCode = code;
    if (code === NOT_SIGNED_IN) {
      this.#stopped = true;
      this.#emit("signed-out");
      return;
    }
    if (code === NOT_ALLOWED) {
      this.#stopped = true;
      this.#set("refused");
      return;
    }
    if (code === BAD_FRAME) this.seq = null;
    this.#set(code === TOO_MANY ? "crowded" : "offline");
    this.#later(code === TOO_MANY ? CROWDED_DELAY_MS : 0);
  }

  #later(least = 0) {
    if (this.#stopped) return;
    const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    // Between half and all of it: a restarted server does not meet all its browsers at one moment.
    const delay = least + most * (0.5 + this.random() / 2);
    clearTimeout(this.#timers.retry);
    this.#timers.retry = setTimeout(() => this.#connect(), delay);
  }

  #set(state) {
    if (this.state === state) return;
    this.state = state;
    this.#emit("state", state);
  }

  #ping() {
    if (!this.#pingAt) this.#pingAt = Date.now();
    this.#send({ t: "ping" });
  }

  #beat() {
    // Hidden tabs run timers rarely: what counts is how long a ping has been without any answer.
    if (this.#pingAt && Date.now() - this.#pingAt > PATIENCE_MS) {
      this.#lost();
      return;
    }
    this.#ping();
    this.#timers.ping = setTimeout(() => this.#beat(), PING_MS);
  }

  // -- frames

  #receive(text) {
    this.#pingAt = 0;
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#lost();
      return;
    }
    if (frame.t === "event") this.#event(frame);
    else if (frame.t === "live") this.#emit("live", frame);
    else if (frame.t === "hello") this.#hello(frame);
    else if (frame.t === "pong") this.#emit("alive");
  }

  #hello(frame) {
    clearTimeout(this.#timers.hello);
    this.#timers.stable = setTimeout(() => {
      this.#attempt = 0;
      this.#gaps = 0;
    }, STABLE_MS);
    this.#timers.ping = setTimeout(() => this.#beat(), PING_MS);
    this.#timers.check = setTimeout(() => this.#check(), CHECK_MS * (0.75 + this.random() / 2));
    this.epoch = frame.epoch;
    this.#target = frame.seq;
    const resumed = frame.resumed && this.seq !== null;
    if (!resumed) {
      this.seq = frame.seq;
      this.sum = null;
    }
    this.#set("live");
    this.#send({ t: "focus", thread: this.#focus });
    if (!resumed) this.#emit("reset", { seq: frame.seq });
    if (this.seq === this.#target) this.#caughtUp();
  }

  #event(frame) {
    if (frame.seq <= this.seq) return;
    if (frame.seq !== this.seq + 1) {
      this.#gap();
      return;
    }
    this.seq = frame.seq;
    this.sum = frame.sum;
    this.#emit("event", frame);
    if (this.seq === this.#target) this.#caughtUp();
  }

  #gap() {
    this.#gaps += 1;
    // Asking again for what is missing helps once or twice; after that only the whole state does.
    if (this.#gaps >= MOST_GAPS) {
      this.#gaps = 0;
      this.seq = null;
    }
    this.#drop();
    this.#set("connecting");
    this.#later();
  }

  #caughtUp() {
    this.#target = null;
    this.#emit("caught-up", { seq: this.seq });
  }

  // -- the chain: equal sums at one number mean the same history

  async #check() {
    const { seq, sum } = this;
    if (sum && this.ask) {
      try {
        const told = await this.ask(seq);
        if (told.epoch !== this.epoch || (told.seq === seq && told.sum !== sum)) {
          this.restart();
          return;
        }
      } catch {
        // no answer is no difference
      }
    }
    if (this.isLive) this.#timers.check = setTimeout(() => this.#check(), CHECK_MS);
  }
}

/** The live connection of this page: built once by app.js. */
export let live = null;
export function useLive(made) {
  live = made;
}
