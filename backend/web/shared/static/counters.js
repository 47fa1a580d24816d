// Counts of what waits to be read, in the header, kept right while the page stays open.
"use strict";

(() => {
  const socket = window.tandemSocket;
  if (!socket) return;
  // Nothing of the past: a number above the last starts from what is there.
  const FROM_NOW = 2 ** 31 - 1;
  const counts = { messages: new Map(), news: 0 };
  const status = document.querySelector("[data-counters-status]");
  let complete = false;

  const totals = () => {
    const messages = [...counts.messages.values()].reduce((sum, count) => sum + count, 0);
    return { messages, news: counts.news, all: messages + counts.news };
  };
  const show = () => {
    const total = totals();
    for (const element of document.querySelectorAll("[data-count]")) {
      const number = total[element.dataset.count];
      element.hidden = number === 0;
      const words = document.createElement("span");
      words.className = "visually-hidden";
      words.textContent = number > 1 ? " non lus" : " non lu";
      element.replaceChildren(...(number ? [number, words] : []));
    }
  };
  const tell = (text) => { if (status) status.textContent = text; };
  const plural = (number, word) => `${number} ${word}${number > 1 ? "s" : ""} non lu${number > 1 ? "s" : ""}`;

  socket.addEventListener("unread", ({ detail: { topic, count } }) => {
    const before = totals().messages;
    if (topic === "me") {
      counts.news = count;
      complete = true;
    } else counts.messages.set(topic, count);
    if (!complete) return;
    show();
    const now = totals().messages;
    if (topic !== "me" && now > before) tell(plural(now, "message"));
  });
  socket.addEventListener("notification", ({ detail }) => tell(`Nouvelle : ${detail.title}`));
  // After a cut the counts come again from the beginning.
  socket.addEventListener("state", () => {
    complete = false;
    counts.messages.clear();
  });
  socket.follow("me", FROM_NOW);
})();
