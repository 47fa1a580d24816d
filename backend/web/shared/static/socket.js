// The page's one socket, window.tandemSocket: what happens elsewhere, as it happens. Every page works without it.
//
//   tandemSocket.follow(topic, after)   hear a topic above a number, again after every cut, each number once, in order
//   tandemSocket.leave(topic)
//   tandemSocket.ask(type, fields)      a promise of the answer; refused with {code, message}, code "offline" when cut
//   tandemSocket.say(type, fields)      without an answer, and without a promise
//   tandemSocket.state                  "online", "offline" or "ended" (signed out elsewhere); an event "state" tells
//
// Each frame of the server is an event of its own type, the frame in event.detail: "message", "unread", "typing" …
"use strict";

(() => {
  const PING_MS = 10000;
  const ANSWER_MS = 15000;
  const PAUSES_MS = [1000, 2000, 4000, 8000, 16000, 30000];
  const SIGNED_OUT = 4401;
  const TOO_MANY = 4429;

  class TandemSocket extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
      this.state = "offline";
      this.topics = new Map();
      this.asked = new Map();
      this.refs = 0;
      this.failures = 0;
      this.refusals = 0;
      this.connection = null;
      this.retry = null;
      this.beat = null;
      // Tried at once when the network is back, and when the reader is.
      window.addEventListener("online", () => this.connectSoon(0));
      window.addEventListener("offline", () => this.connection && this.connection.close());
      document.addEventListener("visibilitychange", () => { if (!document.hidden) this.connectSoon(0); });
      window.addEventListener("pagehide", () => { if (this.state === "online") this.connection.close(); });
      window.addEventListener("pageshow", (event) => { if (event.persisted) this.connectSoon(0); });
    }

    follow(topic, after = 0) {
      if (!this.topics.has(topic)) this.topics.set(topic, { seen: after, asking: false });
      this.catchUp(topic);
    }

    leave(topic) {
      if (this.topics.delete(topic) && this.state === "online") this.ask("unsubscribe", { topic }).catch(() => {});
    }

    ask(type, fields = {}) {
      return new Promise((resolve, reject) => {
        const ref = `${++this.refs}`;
        if (!this.write({ type, ref, ...fields })) {
          reject({ code: "offline", message: "" });
          return;
        }
        const timer = setTimeout(() => this.refuse(ref), ANSWER_MS);
        this.asked.set(ref, { resolve, reject, timer });
      });
    }

    say(type, fields = {}) {
      this.write({ type, ref: `${++this.refs}`, ...fields });
    }

    // What follows is the socket's own affair.

    write(frame) {
      if (this.state !== "online" || this.connection.readyState !== WebSocket.OPEN) return false;
      this.connection.send(JSON.stringify(frame));
      return true;
    }

    connectSoon(wait) {
      if (this.connection || this.state === "ended" || !navigator.onLine) return;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.connect(), wait);
    }

    connect() {
      if (this.connection) return;
      const connection = new WebSocket(this.url);
      this.connection = connection;
      connection.addEventListener("open", () => this.opened(connection));
      connection.addEventListener("message", (event) => this.heard(JSON.parse(event.data)));
      connection.addEventListener("close", (event) => this.closed(connection, event.code));
    }

    opened(connection) {
      if (connection !== this.connection) return;
      this.change("online");
      this.beat = setInterval(() => this.ping(), PING_MS);
      for (const topic of this.topics.keys()) this.catchUp(topic);
    }

    closed(connection, code) {
      if (connection !== this.connection) return;
      this.connection = null;
      clearInterval(this.beat);
      for (const ref of [...this.asked.keys()]) this.refuse(ref);
      for (const topic of this.topics.values()) topic.asking = false;
      // A new password ends the socket though its reader is still signed in: one more try tells.
      this.refusals = code === SIGNED_OUT ? this.refusals + 1 : 0;
      this.change(this.refusals > 1 ? "ended" : "offline");
      const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)];
      // Not all at once when a server comes back.
      this.connectSoon((code === TOO_MANY ? 60000 : pause) * (0.5 + Math.random() / 2));
    }

    change(state) {
      if (state === this.state) return;
      this.state = state;
      this.dispatchEvent(new CustomEvent("state", { detail: state }));
    }

    async ping() {
      const connection = this.connection;
      try {
        const { last } = await this.ask("ping");
        for (const [topic, number] of Object.entries(last)) {
          if (this.topics.has(topic) && this.topics.get(topic).seen < number) this.catchUp(topic);
        }
      } catch {
        if (connection) connection.close();
      }
    }

    async catchUp(topic) {
      const place = this.topics.get(topic);
      if (!place || place.asking || this.state !== "online") return;
      place.asking = true;
      try {
        let answer = { more: true };
        while (answer.more && this.topics.get(topic) === place) {
          answer = await this.ask("subscribe", { topic, after: place.seen });
        }
        place.seen = Math.max(Math.min(place.seen, answer.last), 0);
        this.dispatchEvent(new CustomEvent("followed", { detail: topic }));
      } catch (error) {
        if (error.code === "not_found") this.topics.delete(topic);
      } finally {
        place.asking = false;
      }
    }

    heard(frame) {
      if (frame.ref && this.asked.has(frame.ref)) {
        this.answered(frame);
        return;
      }
      const place = frame.number && frame.type !== "read" && this.topics.get(frame.topic);
      if (place) {
        if (frame.number <= place.seen) return;
        place.seen = frame.number;
      }
      if (frame.type === "unsubscribed") this.topics.delete(frame.topic);
      this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
    }

    answered(frame) {
      this.failures = 0;
      const { resolve, reject, timer } = this.asked.get(frame.ref);
      clearTimeout(timer);
      this.asked.delete(frame.ref);
      if (frame.type === "error") reject(frame);
      else resolve(frame);
    }

    refuse(ref) {
      const waiting = this.asked.get(ref);
      if (!waiting) return;
      this.asked.delete(ref);
      clearTimeout(waiting.timer);
      waiting.reject({ code: "offline", message: "" });
    }
  }

  const path = document.body.dataset.socket;
  if (!path || !("WebSocket" in window)) return;
  window.tandemSocket = new TandemSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
  window.tandemSocket.connectSoon(0);
})();
