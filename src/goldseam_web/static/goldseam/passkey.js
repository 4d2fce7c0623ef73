// Offers passkeys where this browser and this address can use them; the library's script does the rest.
"use strict";

// Passkeys belong to a name: an address of numbers has none.
const named = !/^[\d.]+$|^\[/.test(window.location.hostname);
if (window.PublicKeyCredential && window.isSecureContext && named) {
  for (const offered of document.querySelectorAll("[data-passkey]")) offered.hidden = false;
  for (const instead of document.querySelectorAll("[data-no-passkey]")) instead.hidden = true;
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // stopped by whoever sat there, or the key is not known here
  for (const said of document.querySelectorAll("[data-passkey-failed]")) said.hidden = false;
});
