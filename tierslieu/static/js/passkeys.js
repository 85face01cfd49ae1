/* Passkeys: asks the device, and sends what it answers as an ordinary form. Without this file, or
   where the browser knows no passkeys, the button is not shown and the other ways in stay. */
"use strict";
(() => {
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (!window.PublicKeyCredential || !navigator.credentials || !forms.length) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // What the place asks, with bytes where the browser wants bytes.
  const read = (form) => {
    const options = JSON.parse(form.dataset.options);
    const listed = (list) => (list ?? []).map((one) => ({...one, id: bytes(one.id)}));
    options.challenge = bytes(options.challenge);
    if (options.user) options.user = {...options.user, id: bytes(options.user.id)};
    options.allowCredentials &&= listed(options.allowCredentials);
    options.excludeCredentials &&= listed(options.excludeCredentials);
    return options;
  };

  const written = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = base64url(credential.response[name]);
    }
    const {id, type} = credential;
    return JSON.stringify({id, type, rawId: base64url(credential.rawId), response, clientExtensionResults: {}});
  };

  const send = (form, credential) => {
    form.elements.answer.value = credential ? written(credential) : "";
    HTMLFormElement.prototype.submit.call(form);
  };

  let waiting = new AbortController(); // what the address field offers meanwhile

  const ask = async (form) => {
    const said = form.querySelector("[data-passkey-said]");
    const publicKey = read(form);
    said.textContent = "";
    waiting.abort();
    try {
      send(form, await navigator.credentials[form.dataset.passkey]({publicKey}));
    } catch (error) {
      // Closed by hand, out of time, or there already: nothing is sent.
      said.textContent = (error.name === "InvalidStateError" && form.dataset.known) || form.dataset.refused;
    }
  };

  const offer = async (form) => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const email = document.querySelector("input[type=email][name=email]");
    email?.setAttribute("autocomplete", "username webauthn");
    const asked = {publicKey: read(form), mediation: "conditional", signal: waiting.signal};
    navigator.credentials.get(asked).then((credential) => send(form, credential), () => {});
  };

  for (const form of forms) {
    form.hidden = false;
    form.closest("[data-passkey-card]")?.removeAttribute("hidden");
    form.addEventListener("submit", (event) => {
      // Without a name no key is made: the place says so.
      if (form.elements.name?.value.trim() === "" && form.dataset.passkey === "create") return;
      event.preventDefault();
      ask(form);
    }, true);
    if ("autofill" in form.dataset) offer(form);
  }
  for (const unless of document.querySelectorAll("[data-unless-passkey]")) unless.remove();
})();
