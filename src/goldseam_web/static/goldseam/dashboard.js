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
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.name = "given_away";
  typed.append(mark);
  typed.submit();
});
