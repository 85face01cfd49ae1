/* The page of verification: drop, paste, scan. Without it the form does the same by its button. */

import { offerScan } from "./scanning.js";

const form = document.querySelector("form[data-verify]");
const words = form.dataset;
const [file, address, text] = ["file", "address", "text"].map((name) => form.elements[name]);
const at = (name) => document.querySelector(`[data-${name}]`);
const status = at("status");
const veil = at("veil");
const working = at("working");

const say = (sentence) => {
  status.textContent = sentence;
};
const fill = (template, value) => template.replace("{}", value);

// Sending

let isSending = false;

/** Send one thing alone: what was in the other fields is another badge. */
function send(field, label) {
  if (isSending) return;
  isSending = true;
  for (const other of [file, address, text]) if (other !== field) other.value = "";
  say("");
  working.hidden = false;
  at("working-words").textContent = fill(words.sending, label);
  at("cancel").focus();
  form.submit();
}

function rest() {
  isSending = false;
  working.hidden = true;
}

at("cancel").addEventListener("click", () => {
  window.stop();
  rest();
  form.reset();
  say(words.cancelled);
  file.focus();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) rest();
});

function sendText(value, label) {
  const given = value.trim();
  const field = /^\S+$/.test(given) && !given.startsWith("{") && !isToken(given) ? address : text;
  field.value = given;
  send(field, label);
}

const isToken = (value) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) && value.startsWith("ey");
const isBadge = (value) =>
  /^https?:\/\/\S+$/i.test(value) || value.startsWith("{") || isToken(value);

// Files

/** Whether a picture carries a badge inside: then it goes as it is. */
async function carriesBadge(picture) {
  const bytes = await picture.slice(0, 16 * 1024 * 1024).text();
  return bytes.includes("openbadge");
}

async function take(files) {
  if (isSending) return;
  if (files.length > 1) return say(words.oneOnly);
  const [given] = files;
  if (given.type.startsWith("image/") && !(await carriesBadge(given))) {
    // A photograph or a screenshot: what counts is the code on it.
    say(words.looking);
    const { readPicture } = await import("./scan.js");
    const found = (await readPicture(given))?.trim();
    if (found && isBadge(found)) return sendText(found, words.code);
    if (found) {
      file.value = "";
      return say(fill(words.foreign, found.slice(0, 120)));
    }
  }
  if (given.size > Number(words.limit)) {
    file.value = "";
    return say(words.tooLarge);
  }
  if (file.files !== files) {
    const box = new DataTransfer();
    box.items.add(given);
    file.files = box.files;
  }
  send(file, given.name);
}

file.addEventListener("change", () => file.files.length && take(file.files));

// Dropping, over the whole page

let depth = 0;
const showVeil = (shown) => {
  depth = shown ? depth : 0;
  veil.hidden = !shown;
};
const carries = (event) =>
  ["Files", "text/uri-list", "text/plain"].some((kind) => event.dataTransfer.types.includes(kind));
const isField = (element) => element?.matches?.("input:not([type=file]), textarea");

document.addEventListener("dragenter", (event) => {
  if (!carries(event) || isField(event.target)) return;
  depth += 1;
  showVeil(true);
});
document.addEventListener("dragleave", (event) => {
  if (!carries(event) || isField(event.target)) return;
  depth -= 1;
  if (depth <= 0) showVeil(false);
});
document.addEventListener("dragover", (event) => {
  if (carries(event) && !isField(event.target)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  showVeil(false);
  if (!carries(event) || isField(event.target)) return;
  event.preventDefault();
  const { files } = event.dataTransfer;
  if (files.length) return take(files);
  const [link, plain] = ["uri-list", "plain"].map((k) => event.dataTransfer.getData(`text/${k}`));
  takeText(link || plain);
});

// Pasting, anywhere but into a field

function takeText(value) {
  const given = value.trim();
  if (!given) return;
  if (isBadge(given)) sendText(given, words.pasted);
  else say(fill(words.foreign, given.slice(0, 120)));
}

document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    return take(event.clipboardData.files);
  }
  if (!isField(event.target)) takeText(event.clipboardData.getData("text/plain"));
});

// Scanning

let last = "";
offerScan(at, {
  words,
  say,
  onText(found) {
    const given = found.trim();
    if (isBadge(given)) {
      sendText(given, words.code);
      return true;
    }
    if (given !== last) say(fill(words.foreign, given.slice(0, 120)));
    last = given;
    return false;
  },
});

// What only a script can do shows itself now.

at("anywhere").hidden = false;

// #address=… is read here alone: what stands behind the # never leaves the browser.
const linked = new URLSearchParams(location.hash.slice(1)).get("address");
if (location.hash || location.search) history.replaceState(null, "", location.pathname);
if (linked) sendText(linked, words.linked);
