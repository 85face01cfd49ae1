/* A collection signed with keys that never leave this page: only signatures are sent. */
"use strict";
(() => {
  const form = document.querySelector("form[data-sign]");
  if (!form || !window.crypto?.subtle) return;

  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

  // did:key of an Ed25519 key: base58btc of 0xed 0x01 and the 32 bytes.
  const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const didOf = (x) => {
    let number = [0xed, 0x01, ...bytes(x)].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    let text = "";
    for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)] + text;
    return `did:key:z${text}`;
  };

  const error = form.querySelector("[data-error]");
  const files = form.querySelector("input[type=file]");

  const readKeys = async () => {
    const found = new Map();
    for (const file of files.files) {
      const {privateKeyJwk: jwk} = JSON.parse(await file.text());
      const key = await crypto.subtle.importKey("jwk", jwk, {name: "Ed25519"}, false, ["sign"]);
      found.set(didOf(jwk.x), key);
    }
    return found;
  };

  const put = (name, value) => {
    const input = document.createElement("input");
    Object.assign(input, {type: "hidden", name, value});
    input.dataset.put = "";
    form.append(input);
  };

  const sign = async () => {
    const found = await readKeys();
    const asked = new FormData(form);
    for (const did of found.keys()) asked.append("did", did);
    const answer = await fetch(form.dataset.sign, {method: "POST", body: asked});
    if (!answer.ok) throw new Error(answer.status);
    const {created, sign: list} = await answer.json();
    for (const old of form.querySelectorAll("[data-put]")) old.remove();
    put("created", created);
    for (const [did, data] of list) {
      put("did", did);
      put("signature", base64url(await crypto.subtle.sign("Ed25519", found.get(did), bytes(data))));
    }
    HTMLFormElement.prototype.submit.call(form);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    error.hidden = true;
    sign().catch(() => {
      error.textContent = form.dataset.unread;
      error.hidden = false;
    });
  }, true);
  crypto.subtle.generateKey({name: "Ed25519"}, false, ["sign", "verify"]).then(() => {
    form.hidden = false;
    document.querySelector("#cles [data-unless-keys]")?.remove();
  }, () => {});
})();
