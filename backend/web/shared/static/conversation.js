// A conversation that lives: messages as they come, sending without leaving the page, drafts kept, what was typed
// without network sent once it is back. Without this file the same page works by plain forms and « Actualiser ».
//
// What waits to be sent is kept for this tab alone (sessionStorage): a shared computer keeps nothing of it.
"use strict";

(() => {
  const list = document.querySelector("[data-talk]");
  if (!list) return;
  const POLL_MS = 10000;
  const TYPING_MS = 3000;
  const data = list.dataset;
  const key = `tandem:${data.person}:${data.talk}`;
  const topic = `conversation:${data.talk}`;
  const api = `/api/v1/conversations/${data.talk}/`;
  const socket = window.tandemSocket || null;
  const form = document.querySelector("[data-compose]");
  const box = form && form.querySelector("textarea");
  const linkState = document.querySelector("[data-link-state]");
  const typingLine = document.querySelector("[data-typing-line]");
  const experts = new Set((data.experts || "").split(" "));
  const marksElement = document.getElementById("marks");
  const marks = marksElement ? JSON.parse(marksElement.textContent) : null;
  const day = new Intl.DateTimeFormat("fr-FR", { timeZone: data.zone, weekday: "long", day: "numeric", month: "long" });
  const clock = new Intl.DateTimeFormat("fr-FR", { timeZone: data.zone, hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  const title = document.title;
  let last = Number(data.last);
  let missed = 0;

  // Drawing

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  // A French thousands space belongs to « 12 h 30 » as well: it never breaks.
  const timeOf = (instant) => {
    const parts = Object.fromEntries(clock.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
    return `${Number(parts.hour)}\u00a0h\u00a0${parts.minute}`;
  };
  const dayOf = (instant) => day.format(new Date(instant)).replace(/ (\d)/, "\u0020$1").replace(/\b1 /, "1er ");
  const linked = (text) => {
    const body = element("span", "msg-body");
    let from = 0;
    for (const found of text.matchAll(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi)) {
      const link = element("a", "", found[0]);
      link.href = found[0];
      link.rel = "nofollow noopener noreferrer";
      body.append(text.slice(from, found.index), link);
      from = found.index + found[0].length;
    }
    body.append(text.slice(from));
    return body;
  };
  const gone = () => {
    const body = element("span", "msg-body");
    body.append(element("em", "soft", "Message retiré"));
    return body;
  };
  const nameOf = (item, mine) => {
    const name = element("span", mine ? "visually-hidden" : "msg-author small", mine ? "Vous" : item.sender.name);
    if (!mine && experts.has(String(item.sender.id))) name.append(" ", element("span", "tag tag-good", "tuteur validé"));
    name.append(element("span", "visually-hidden", " : "));
    return name;
  };
  const footOf = (item) => {
    const foot = element("span", "msg-foot");
    const time = element("time", "num", timeOf(item.sent_at));
    time.dateTime = item.sent_at;
    foot.append(time, element("span", "msg-read"));
    if (!item.withdrawn) {
      const options = element("a", "", "Options");
      options.href = data.options.replace(/0\/$/, `${item.number}/`);
      options.append(element("span", "visually-hidden", ` du message de ${item.sender.name}, ${timeOf(item.sent_at)}`));
      foot.append(" · ", options);
    }
    return foot;
  };
  const draw = (item) => {
    const mine = String(item.sender.id) === data.person;
    const line = element("li", `msg${mine ? " msg-me" : ""}${item.withdrawn ? " msg-gone" : ""}`);
    line.id = `m${item.number}`;
    line.dataset.number = item.number;
    line.append(nameOf(item, mine), item.withdrawn ? gone() : linked(item.body), footOf(item));
    return line;
  };
  const firstWaiting = () => list.querySelector(".msg-pending, .msg-failed");
  const lineAfter = (number) =>
    [...list.querySelectorAll("[data-number]")].find((line) => Number(line.dataset.number) > number) || firstWaiting();
  const addDay = (instant) => {
    const words = dayOf(instant);
    const days = list.querySelectorAll(".talk-day");
    const current = days.length ? days[days.length - 1].textContent.trim() : "";
    if (current.replace(/\s/g, " ") !== words.replace(/\s/g, " ")) {
      list.insertBefore(element("li", "talk-day small soft", words), firstWaiting());
    }
  };
  const markNew = () => {
    if (!document.hidden) return;
    missed += 1;
    document.title = `(${missed}) ${title}`;
    if (missed > 1) return;
    for (const old of list.querySelectorAll(".talk-new")) old.remove();
    list.insertBefore(element("li", "talk-new small", "Nouveaux messages"), firstWaiting());
  };
  const isAtEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 240;
  const stayAtEnd = (wasAtEnd) => {
    if (wasAtEnd && form) form.scrollIntoView({ block: "end" });
  };

  // What comes in, each number once

  const receive = (item) => {
    if (item.target) {
      last = Math.max(last, item.number);
      withdraw(item.target);
      return;
    }
    const known = list.querySelector(`[data-number="${item.number}"]`);
    last = Math.max(last, item.number);
    if (known) return;
    const wasAtEnd = isAtEnd();
    const empty = document.querySelector("[data-empty]");
    if (empty) empty.remove();
    addDay(item.sent_at);
    if (String(item.sender.id) !== data.person) markNew();
    list.insertBefore(draw(item), lineAfter(item.number));
    showReading();
    stayAtEnd(wasAtEnd);
    tellRead();
  };
  const withdraw = (number) => {
    const line = list.querySelector(`[data-number="${number}"]`);
    if (!line) return;
    line.classList.add("msg-gone");
    line.querySelector(".msg-body").replaceWith(gone());
    const options = line.querySelector(".msg-foot a");
    if (options) {
      if (options.previousSibling) options.previousSibling.remove();
      options.remove();
    }
  };
  const showReading = () => {
    if (!marks) return;
    const upTo = Math.min(...Object.values(marks));
    for (const line of list.querySelectorAll(".msg-me[data-number]")) {
      line.querySelector(".msg-read").textContent = Number(line.dataset.number) <= upTo ? " · lu" : "";
    }
  };

  // Asking the server: by the socket, or by plain requests where there is none

  const isLive = () => socket !== null && socket.state === "online";
  const csrf = () => (form ? form.querySelector("[name=csrfmiddlewaretoken]").value : "");
  const request = async (address, body) => {
    const options = body
      ? { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() } }
      : {};
    let answer;
    try {
      answer = await fetch(address, { ...options, credentials: "same-origin" });
    } catch {
      throw { code: "offline", message: "" };
    }
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const refusal = await answer.json().catch(() => ({}));
    const wait = Number(answer.headers.get("Retry-After")) || 0;
    throw { code: answer.status >= 500 ? "offline" : refusal.code, message: refusal.message || "", wait };
  };
  const poll = async () => {
    if (isLive() || document.hidden) return;
    try {
      const { results } = await request(`${api}messages/?after=${last}&page_size=200`);
      for (const item of results) receive(item);
    } catch (error) {
      if (error.code !== "offline") throw error;
    }
    sendWaiting();
  };
  const tellRead = () => {
    if (document.hidden || "unfollowed" in data) return;
    if (isLive()) socket.ask("read", { topic, number: last }).catch(() => {});
    else if (form) request(`${api}read/`, { number: last }).catch(() => {});
  };

  // What waits to be sent: kept until the server says it is stored, under the identifier drawn when it was typed

  const load = () => JSON.parse(sessionStorage.getItem(`${key}:waiting`) || "[]");
  const store = (waiting) => sessionStorage.setItem(`${key}:waiting`, JSON.stringify(waiting));
  const forget = (clientId) => {
    store(load().filter((item) => item.client_id !== clientId));
    const line = document.getElementById(`w${clientId}`);
    if (line) line.remove();
  };
  const drawWaiting = (item) => {
    const line = document.getElementById(`w${item.client_id}`) || element("li");
    line.id = `w${item.client_id}`;
    line.className = `msg msg-me ${item.failed ? "msg-failed" : "msg-pending"}`;
    const foot = element("span", "msg-foot", item.failed || "envoi en attente…");
    line.replaceChildren(element("span", "visually-hidden", "Vous : "), linked(item.body), foot);
    if (item.failed) {
      const row = element("span", "row");
      row.append(...(item.code === "maybe_patient" ? [confirmButton(item)] : [retryButton(item)]), changeButton(item));
      line.append(row);
    }
    if (!line.parentNode) list.append(line);
  };
  const button = (words, act) => {
    const made = element("button", "btn", words);
    made.type = "button";
    made.addEventListener("click", () => { act(); box.focus(); });
    return made;
  };
  const again = (item, changes) => {
    store(load().map((kept) => (kept.client_id === item.client_id ? { ...kept, failed: "", code: "", ...changes } : kept)));
    drawWaiting({ ...item, failed: "", code: "" });
    sendWaiting();
  };
  const retryButton = (item) => button("Réessayer", () => again(item, {}));
  const confirmButton = (item) => button("Envoyer tout de même", () => again(item, { confirmed: true }));
  const changeButton = (item) => button("Modifier", () => {
    forget(item.client_id);
    box.value = box.value ? `${item.body}\n${box.value}` : item.body;
    keepDraft();
  });
  const fail = (item, error) => {
    const failed = error.message || "Ce message n’est pas parti.";
    store(load().map((kept) => (kept.client_id === item.client_id ? { ...kept, failed, code: error.code } : kept)));
    drawWaiting({ ...item, failed, code: error.code });
  };
  const post = async (item) => {
    const { client_id, body, confirmed = false } = item;
    if (!isLive()) return request(`${api}messages/`, { client_id, body, confirmed });
    const answer = await socket.ask("send", { topic, client_id, body, confirmed });
    if (answer.type === "warning") throw { code: answer.code, message: answer.message };
    return { ...answer, body, withdrawn: false, sender: { id: data.person, name: "vous" } };
  };
  let sending = false;
  const sendWaiting = async () => {
    if (sending || !form) return;
    sending = true;
    try {
      for (let item = nextWaiting(); item; item = nextWaiting()) await sendOne(item);
    } catch (error) {
      // No network: everything stays where it is until there is some.
      if (error.code !== "offline" || isLive()) setTimeout(sendWaiting, (error.wait || 5) * 1000);
    } finally {
      sending = false;
    }
  };
  const nextWaiting = () => load().find((item) => !item.failed);
  const sendOne = async (item) => {
    try {
      const sent = await post(item);
      forget(item.client_id);
      if (!list.querySelector(`[data-number="${sent.number}"]`)) catchUp(sent);
    } catch (error) {
      if (error.code === "offline" || error.code === "too_fast") throw error;
      fail(item, error);
    }
  };
  // Another's message may have taken a number before mine: what lies between comes first.
  const catchUp = (sent) => {
    if (sent.number === last + 1 || isLive()) receive(sent);
    else poll();
  };

  // The box

  const keepDraft = () => sessionStorage.setItem(`${key}:draft`, box.value);
  let typedAt = 0;
  const tellTyping = () => {
    if (data.typing !== "yes" || !isLive() || Date.now() - typedAt < TYPING_MS) return;
    typedAt = Date.now();
    socket.say("typing", { topic });
  };
  const submit = (event) => {
    event.preventDefault();
    const body = box.value.trim();
    if (!body) {
      box.focus();
      return;
    }
    const item = { client_id: crypto.randomUUID ? crypto.randomUUID() : draw4(), body };
    store([...load(), item]);
    drawWaiting(item);
    box.value = "";
    keepDraft();
    box.focus();
    stayAtEnd(true);
    sendWaiting();
  };
  // Without a secure context a browser draws no UUID by itself.
  const draw4 = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  const showLink = () => {
    if (linkState) linkState.textContent = navigator.onLine === false ? "Hors ligne : vos messages partiront au retour du réseau." : "";
  };

  if (form) {
    form.addEventListener("submit", submit);
    box.addEventListener("input", () => { keepDraft(); tellTyping(); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    if (!box.value) box.value = sessionStorage.getItem(`${key}:draft`) || "";
    for (const item of load()) drawWaiting(item);
  }
  window.addEventListener("online", () => { showLink(); sendWaiting(); });
  window.addEventListener("offline", showLink);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    missed = 0;
    document.title = title;
    poll();
    tellRead();
  });
  if (socket) {
    let typingTimer;
    const here = (act) => ({ detail }) => { if (detail.topic === topic) act(detail); };
    socket.addEventListener("message", here(receive));
    socket.addEventListener("message_withdrawn", here(receive));
    socket.addEventListener("read", here((frame) => {
      const person = String(frame.person.id || frame.person);
      if (!marks || !(person in marks)) return;
      marks[person] = Math.max(marks[person], frame.number);
      showReading();
    }));
    socket.addEventListener("typing", here((frame) => {
      if (!typingLine) return;
      typingLine.textContent = `${frame.person.name || "Quelqu’un"} écrit…`;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => { typingLine.textContent = ""; }, 2 * TYPING_MS);
    }));
    socket.addEventListener("state", () => { showLink(); sendWaiting(); });
    socket.follow(topic, last);
  }
  setInterval(poll, POLL_MS);
  showLink();
  sendWaiting();
})();
