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

// Signed out for want of a click while something was being typed: the form goes to the page that keeps it, where a
// reload would lose it. The server does nothing with a form that was given away.
let typed = null;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && form.method === "post") typed = form;
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!typed || event.detail.xhr.getResponseHeader("HX-Refresh") !== "true") return;
  event.preventDefault();
  if (event.detail.xhr.getResponseHeader("Goldseam-Room")) {
    draw(true);
    return;
  }
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "given_away";
  typed.append(mark);
  typed.submit();
});
