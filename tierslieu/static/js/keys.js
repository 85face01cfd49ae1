/* A key for one badge, made in the browser: its private half goes into a file, never to the place.
   Without this file, or where the browser makes no such key, the place makes it and hands it over. */
"use strict";
(() => {
  const form = document.querySelector("form[data-bind]");
  if (!form || !window.crypto?.subtle) return;

  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const save = (text, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const make = async () => {
    const pair = await crypto.subtle.generateKey({name: "Ed25519"}, true, ["sign", "verify"]);
    const {kty, crv, x, d} = await crypto.subtle.exportKey("jwk", pair.privateKey);
    const statement = new TextEncoder().encode(form.dataset.bind);
    const signature = await crypto.subtle.sign({name: "Ed25519"}, pair.privateKey, statement);
    return {jwk: {kty, crv, x, d}, x, signature: base64url(signature)};
  };

  const enable = () => {
    form.querySelector("[data-unless-keys]")?.remove();
    form.addEventListener("submit", async (event) => {
      if (form.elements.public_key.value) return;
      event.preventDefault();
      try {
        const {jwk, x, signature} = await make();
        save(JSON.stringify({badge: form.dataset.badge, privateKeyJwk: jwk}, null, 2), form.dataset.file);
        form.elements.public_key.value = x;
        form.elements.signature.value = signature;
      } catch {
        // The place makes it.
      }
      // Later: the file is being saved, and this page must still be here.
      setTimeout(() => HTMLFormElement.prototype.submit.call(form), 500);
    }, true);
  };

  crypto.subtle.generateKey({name: "Ed25519"}, true, ["sign", "verify"]).then(enable, () => {});
})();
