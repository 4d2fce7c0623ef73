/* Two conveniences of the client's pages; without this file everything works, only less smoothly.
   Leaving quickly replaces this page, and the "back" button then does not bring the earlier ones up again. An answer
   that cannot be sent for want of a connection waits on this phone (in this tab alone) and goes as soon as there is
   one. Loaded before the page is painted, so that somebody who went "back" sees nothing of it. */
(() => {
  "use strict";

  const LEFT = "left-for";
  const PATIENCE_MS = 15000;
  const RETRY_MS = 8000;
  const RESTARTING = [502, 503, 504];

  function stayAway() {
    document.documentElement.hidden = true;
    location.replace(sessionStorage.getItem(LEFT));
  }

  const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (sessionStorage.getItem(LEFT)) {
    if (cameBack) return stayAway();
    sessionStorage.removeItem(LEFT);
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted && sessionStorage.getItem(LEFT)) stayAway();
  });

  function letLeave() {
    document.querySelector("[data-leave]")?.addEventListener("click", (event) => {
      event.preventDefault();
      sessionStorage.clear();
      sessionStorage.setItem(LEFT, event.currentTarget.href);
      stayAway();
    });
  }

  function keepAnswers() {
    const form = document.querySelector("form[data-answer]");
    if (!form) return;
    const note = form.querySelector("[data-kept]");
    const place = location.pathname;
    let busy = false;
    let retry;

    const waiting = () => sessionStorage.getItem(place);

    async function send() {
      const body = waiting();
      if (!body || busy) return;
      busy = true;
      clearTimeout(retry);
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
      try {
        const answer = await fetch(place, {
          method: "POST",
          body: new URLSearchParams(body),
          headers: { "X-Goldseam-Next": "1" },
          signal: patience.signal,
        });
        if (RESTARTING.includes(answer.status)) throw new Error("the server is on its way back");
        sessionStorage.removeItem(place);
        await follow(answer, body);
      } catch {
        note.hidden = false;
        retry = setTimeout(send, RETRY_MS);
      } finally {
        clearTimeout(timer);
        busy = false;
      }
    }

    /* Told where to go next: go. Anything else is a page for the person, so send the form the ordinary way. */
    async function follow(answer, body) {
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
        location.assign((await answer.json()).next);
        return;
      }
      const plain = document.createElement("form");
      plain.method = "post";
      for (const [name, value] of new URLSearchParams(body)) {
        plain.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.body.append(plain);
      plain.submit();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(form);
      if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
      sessionStorage.setItem(place, new URLSearchParams(data).toString());
      send();
    });
    addEventListener("online", send);
    send();
  }

  addEventListener("DOMContentLoaded", () => {
    letLeave();
    keepAnswers();
  });
})();
