// Small comforts; every page works without them.
"use strict";

// Close the account menu with Escape or a click elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// What all of them look at together is not kept for a way back, wherever one goes from it.
addEventListener("pagehide", () => document.querySelector("[data-own]")?.remove());

// Copy a link. The button is there only where copying works.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("[data-said]").textContent = "Copied";
  });
}

// A session has begun while something was being typed: it stays on the page behind a curtain until its writer is alone.
const curtain = document.getElementById("curtain");
function draw(closed) {
  curtain.hidden = !closed;
  document.getElementById("main").hidden = closed;
}
if (curtain) {
  curtain.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const sent = new FormData(form);
    sent.set("alone", "yes");
    const headers = { "Goldseam-Curtain": "1" };
    const reply = await fetch(form.action, { method: "POST", body: sent, headers, redirect: "manual" });
    if (reply.status === 204) draw(false); // anything else says that the sign-in has ended
  });
}

// Ask whether anything has changed: every five seconds while the page is seen, every minute while it is not. Seen again
// after a while, it shows nothing until the answer is there: a session may have begun meanwhile.
const SEEN_MS = 5000;
const HIDDEN_MS = 60000;
let asked = Date.now();
let timer = 0;
function plan() {
  clearTimeout(timer);
  timer = setTimeout(ask, document.hidden ? HIDDEN_MS : SEEN_MS);
}
function ask() {
  asked = Date.now();
  const pulse = document.getElementById("pulse"); // not there while the page is locked
  if (pulse) pulse.dispatchEvent(new Event("goldseam:due"));
  plan();
}
if (document.getElementById("pulse")) {
  const main = document.getElementById("main");
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - asked < SEEN_MS) {
      plan();
      return;
    }
    main.hidden = true;
    ask();
  });
  // Unlocked: a session may have begun meanwhile.
  document.addEventListener("goldseam:back", () => {
    main.hidden = true;
    ask();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "pulse" || event.detail.xhr.getResponseHeader("HX-Refresh")) return;
    main.hidden = Boolean(curtain && !curtain.hidden);
  });
  plan();
}

// A session has begun while something was being typed: the page stays, behind the curtain. (What a locked sign-in or one
// that has ended does with it stands in lock.js.)
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const reply = event.detail.xhr;
  if (reply.getResponseHeader("HX-Refresh") !== "true" || !reply.getResponseHeader("Goldseam-Room") || !typedIn) return;
  event.preventDefault();
  draw(true);
});
