/* What script adds to the client's pages; without this file everything works, only less smoothly.
   An answer that the server has not confirmed waits in one queue, on this phone where it lets us, and leaves it only when
   the server has said of exactly this answer what became of it. Leaving quickly empties the queue, ends this device's
   session and keeps the "back" button from bringing these pages up again. Loaded before the page is painted, so that
   somebody who went "back" sees nothing of it. */
(() => {
  "use strict";

  const LEFT = "left-for";
  const UNSENT = "unsent ";
  const ANSWER = "X-Goldseam-Answer";
  const PATIENCE_MS = 25000; // longer than the server waits for its database
  const SLOW_MS = 3000;
  const RETRY_MS = 8000;

  /* Storage may be denied, missing or full: then nothing is kept there, and everything else goes on. */
  function quietly(act) {
    try {
      return act();
    } catch {
      return null;
    }
  }
  const tab = quietly(() => sessionStorage);
  const phone = quietly(() => localStorage);

  function stayAway(exit) {
    document.documentElement.hidden = true;
    location.replace(exit);
  }

  const arrival = performance.getEntriesByType("navigation")[0]?.type;
  const leftFor = () => quietly(() => tab.getItem(LEFT));
  if (arrival === "back_forward" && leftFor()) return stayAway(leftFor());
  quietly(() => tab.removeItem(LEFT));
  addEventListener("pageshow", (event) => {
    if (event.persisted && leftFor()) stayAway(leftFor());
  });

  /* What was opened by a word is not kept for a way back, wherever one goes from it. */
  addEventListener("pagehide", () => document.querySelector("[data-own]")?.remove());

  /* Unsent answers by the address of their question. Other tabs share what lies on the phone, so it is always read
     anew; what the phone does not take lies in this page alone. */
  const inPage = new Map();
  const queue = {
    put(place, entry) {
      inPage.set(place, entry);
      const stored = quietly(() => phone.setItem(UNSENT + place, JSON.stringify(entry)) === undefined);
      if (stored) inPage.delete(place);
      else quietly(() => phone.removeItem(UNSENT + place));
    },
    get(place) {
      return inPage.get(place) ?? quietly(() => JSON.parse(phone.getItem(UNSENT + place)));
    },
    drop(place) {
      inPage.delete(place);
      quietly(() => phone.removeItem(UNSENT + place));
    },
    places(link) {
      const keys = quietly(() => Object.keys(phone)) ?? [];
      const stored = keys.filter((key) => key.startsWith(UNSENT + link)).map((key) => key.slice(UNSENT.length));
      const known = [...new Set([...stored, ...inPage.keys()])].filter((place) => this.get(place));
      return known.sort((one, other) => this.get(one).at - this.get(other).at);
    },
  };

  let left = false;
  let busy = false;
  let retry;
  let patience;

  /* Where what is seen belongs: a form says it. The address may say another one's: going back while a page is being
     loaded moves the address, not what comes under it. */
  const loadedAt = location.pathname;
  const placeOf = (form) => new URL(form.action).pathname;
  function shownAt() {
    const form = document.querySelector("form[data-answer], form[data-start]");
    return form ? placeOf(form) : loadedAt;
  }

  /* What the server says of exactly this answer: where to go next, with the page to show there where it is known
     already, or null for a page that the person has to see.
     Anything else (an error, a page of somebody else's on the way) says nothing, and it is sent again. */
  async function verdict(place, entry) {
    patience = new AbortController();
    const timers = [setTimeout(() => patience.abort(), PATIENCE_MS), setTimeout(tellUnsent, SLOW_MS)];
    try {
      const body = new URLSearchParams(entry.body);
      body.set("waited", Math.max(0, Date.now() - entry.at));
      const headers = { [ANSWER]: entry.id };
      const reply = await fetch(place, { method: "POST", body, headers, signal: patience.signal });
      if (reply.headers.get(ANSWER) !== entry.id) throw new Error("nothing was said of this answer");
      const told = reply.headers.get("Content-Type")?.startsWith("application/json");
      return told ? await reply.json() : null;
    } finally {
      timers.forEach(clearTimeout);
      // What was chosen meanwhile is newer than this one, however long this one was on its way.
      const newer = queue.get(place);
      if (newer && newer.id !== entry.id) queue.put(place, { ...newer, at: Date.now() });
    }
  }

  function tellUnsent() {
    const where = inPage.size ? "page" : "phone";
    for (const note of document.querySelectorAll("[data-unsent]")) note.hidden = note.dataset.unsent !== where;
  }

  /* Send what waits, oldest first, and go on from there. */
  async function send() {
    const { link } = document.documentElement.dataset;
    if (busy || left || !link) return;
    busy = true;
    clearTimeout(retry);
    try {
      let next;
      for (let place; (place = queue.places(link)[0]); ) {
        const entry = queue.get(place);
        const told = await verdict(place, entry);
        if (left) return;
        if (queue.get(place)?.id !== entry.id) continue; // answered anew meanwhile
        queue.drop(place);
        if (told === null) return showRefusal(place, entry);
        if (!document.querySelector("form[data-answer]")) location.replace(location.href); // it says what is true now
        else if (place === location.pathname) next = told;
      }
      if (next) goOn(next);
    } catch {
      if (left) return;
      tellUnsent();
      retry = setTimeout(send, RETRY_MS);
    } finally {
      busy = false;
    }
  }

  /* The next page came with the reply: put it in the place of this one, under its own address. Anything else that leads
     there, reloading and going back among them, asks the server for it. */
  function goOn({ next, page }) {
    const fresh = page && new DOMParser().parseFromString(page, "text/html").querySelector(".client");
    if (!fresh) return location.assign(next);
    history.pushState(null, "", next);
    document.querySelector(".client").replaceWith(fresh);
    wire();
    scrollTo(0, 0);
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  /* The server did not take it and has a page for the person: send the form the ordinary way to get it. */
  function showRefusal(place, entry) {
    const plain = Object.assign(document.createElement("form"), { method: "post", action: place });
    for (const [name, value] of new URLSearchParams(entry.body)) {
      plain.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(plain);
    plain.submit();
  }

  function keep(event) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
    const at = Date.now();
    queue.put(placeOf(event.currentTarget), { id: `${at}-${Math.random()}`, at, body: new URLSearchParams(data).toString() });
    send();
  }

  /* Starting keeps nothing, so that nothing waits: where it does not go smoothly, it goes the ordinary way. */
  async function start(event) {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy) return;
    busy = true;
    try {
      const body = new URLSearchParams(new FormData(form));
      const reply = await fetch(form.action, { method: "POST", headers: { [ANSWER]: "start" }, body });
      if (reply.headers.get(ANSWER) !== "start") throw new Error("somebody else answered");
      if (!left) goOn(await reply.json());
    } catch {
      if (!left) form.submit();
    } finally {
      busy = false;
    }
  }

  function leave(event) {
    event.preventDefault();
    const { href, dataset } = event.currentTarget;
    left = true;
    clearTimeout(retry);
    patience?.abort();
    queue.places(document.documentElement.dataset.link).forEach((place) => queue.drop(place));
    quietly(() => tab.clear());
    quietly(() => tab.setItem(LEFT, dataset.leave));
    fetch(href, { keepalive: true, redirect: "manual" }).catch(() => {});
    stayAway(dataset.leave);
  }

  /* Whose clock it is need not be said where the reader's shows the same. */
  function hideSameZone() {
    const zone = document.querySelector("[data-zone]");
    if (zone) zone.hidden = Number(zone.dataset.zone) === -new Date().getTimezoneOffset();
  }

  function wire() {
    hideSameZone();
    document.querySelector("[data-leave]")?.addEventListener("click", leave);
    document.querySelector("form[data-answer]")?.addEventListener("submit", keep);
    document.querySelector("form[data-start]")?.addEventListener("submit", start);
  }

  addEventListener("DOMContentLoaded", () => {
    if (arrival === "reload" && location.pathname !== shownAt()) return location.replace(location.href);
    wire();
    addEventListener("online", send);
    addEventListener("pageshow", send);
    addEventListener("popstate", () => {
      if (location.pathname !== shownAt()) location.reload();
    });
  });
})();
