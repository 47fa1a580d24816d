// The page of a computation, refreshed at each step the socket tells. Without this file, or without a socket, the page
// asks every second by itself.
"use strict";

(() => {
  const PART = "avancement";
  const SLOW_POLL_MS = 10000;
  const socket = window.tandemSocket;
  const part = () => document.getElementById(PART);
  if (!socket || !part() || !part().hasAttribute("hx-get")) return;
  const topic = `campaign:${part().dataset.campaign}`;
  let asking = false;
  let toldMeanwhile = false;
  let askedAt = Date.now();

  const refresh = () => {
    toldMeanwhile = asking;
    if (!asking) htmx.trigger(part(), "told");
  };
  // The answer on its way was written before what was told meanwhile: ask once more.
  const answered = () => {
    asking = false;
    if (!part().hasAttribute("hx-get")) socket.leave(topic);
    else if (toldMeanwhile) refresh();
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== PART) return;
    const isPoll = !event.detail.requestConfig.triggeringEvent;
    if (isPoll && socket.state === "online" && Date.now() - askedAt < SLOW_POLL_MS) {
      event.preventDefault();
      return;
    }
    asking = true;
    askedAt = Date.now();
  });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === PART) answered(); });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, () => { asking = false; });
  }
  socket.addEventListener("run_progress", ({ detail }) => { if (detail.topic === topic) refresh(); });
  socket.follow(topic);
})();
