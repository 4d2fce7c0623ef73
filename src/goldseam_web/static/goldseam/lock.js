// A locked sign-in: what stood on the page is taken out of it, with what was typed, and put back for its reader alone.
"use strict";

const lockAsked = document.currentScript.dataset; // where to ask, what to call the page meanwhile, whether to ask by itself
const AS_PART = { "Goldseam-Part": "1" };
let typedIn = null;
let putAway = null;
let ownTitle = "";

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && form.method === "post" && !("unlock" in form.dataset)) typedIn = form;
});

// The sign-in has ended: what was typed goes to the page that keeps it, where a reload would lose it. The server does
// nothing with a form that was given away. Nothing of the page comes back into sight for it.
function giveAway() {
  if (!typedIn) {
    location.reload();
    return;
  }
  const form = document.createElement("form");
  form.method = "post";
  form.action = typedIn.getAttribute("action") || location.href;
  form.hidden = true;
  for (const [name, value] of [...new FormData(typedIn), ["given_away", ""]]) {
    if (typeof value !== "string") continue;
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

// Ask whether the sign-in is locked; what stood here is in sight again only where it is not.
const AGAIN_MS = 5000;
async function lookAtLock() {
  let reply;
  try {
    reply = await fetch(lockAsked.lock, { headers: AS_PART });
  } catch {
    setTimeout(lookAtLock, AGAIN_MS); // no network: nothing is shown without an answer
    return;
  }
  await afterAsking(reply);
}

async function afterAsking(reply) {
  if (reply.status === 204) {
    putBack();
  } else if (reply.headers.get("Goldseam-Part")) {
    putOutOfSight();
    showPanel(await reply.text());
  } else {
    giveAway(); // signed out, or somebody else's by now
  }
}

function putOutOfSight() {
  if (putAway) return;
  ownTitle = document.title;
  document.title = lockAsked.title;
  putAway = document.createDocumentFragment();
  putAway.append(...document.body.childNodes); // moved, not copied: every field keeps what was typed
}

function putBack() {
  document.body.hidden = false;
  if (!putAway) return;
  document.body.replaceChildren(putAway);
  document.title = ownTitle;
  putAway = null;
  document.dispatchEvent(new Event("goldseam:back"));
}

function showPanel(html) {
  document.body.innerHTML = html;
  document.body.hidden = false;
  const panel = document.getElementById("lock");
  for (const form of panel.querySelectorAll("[data-unlock]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sendToOpen(form);
    });
  }
  const key = panel.querySelector("[data-passkey]");
  if (key) offerPasskey(panel, key);
  panel.querySelector("input:not([type=hidden])").focus();
}

async function sendToOpen(form) {
  await afterAsking(await fetch(form.action, { method: "POST", body: new FormData(form), headers: AS_PART }));
}

function offerPasskey(panel, key) {
  for (const source of panel.dataset.passkeyScripts.split(" ")) {
    const script = document.createElement("script");
    script.src = source;
    script.async = false;
    panel.append(script);
  }
  key.addEventListener("click", async () => {
    try {
      const asked = JSON.parse(document.getElementById("passkey-data").textContent).request_options;
      key.form.elements.credential.value = JSON.stringify(await window.webauthnJSON.get(asked));
    } catch {
      panel.querySelector("[data-passkey-failed]").hidden = false; // stopped, or not known here
      return;
    }
    sendToOpen(key.form);
  });
}

// Asked for by the page's own questions (dashboard.js), where it has some.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const reply = event.detail.xhr;
  if (reply.getResponseHeader("HX-Refresh") !== "true" || reply.getResponseHeader("Goldseam-Room")) return;
  if (!typedIn) return; // the page loads anew, and nothing of it stays
  event.preventDefault();
  if (reply.getResponseHeader("Goldseam-Locked")) lookAtLock();
  else giveAway();
});

// Brought back by the browser as it was left: perhaps locked since, or another one's.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.body.hidden = true;
  lookAtLock();
});

// Pages that ask nothing else ask this: every half minute, and when they are seen again.
if (lockAsked.asks) {
  const EVERY_MS = 30000;
  setInterval(() => {
    if (!putAway) lookAtLock();
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || putAway) return;
    document.body.hidden = true;
    lookAtLock();
  });
}
