/* The facilitator's sign-in page, with or without network. Without this file its forms do the same,
   one by one, with network alone. */

import { makeRecord } from "./chain.js";
import { isSameName } from "./names.js";
import { fetchPage, newChain, send, withdraw } from "./sending.js";
import { forget, read, readAll, update } from "./store.js";

const CACHE = "emargement";
const AGAIN = 20_000; // milliseconds between two tries to send
const KEPT = 24 * 3600_000; // how long the list of a session that is over may still be needed

const root = document.querySelector("[data-signing]");
const can =
  isSecureContext && globalThis.indexedDB && navigator.locks && navigator.serviceWorker && crypto.randomUUID;
const words = root?.dataset ?? {};
const at = (name) => document.querySelector(`[data-${name}]`);
const fill = (template, value) => template.replace("{}", value);
const say = (sentence) => {
  at("status").textContent = sentence;
};
/** How the sending went, after what was just signed. */
let news = "";
const report = (sentence) => {
  say([news, sentence].filter(Boolean).join(" "));
  news = "";
};
const hourOf = (instant) =>
  new Intl.DateTimeFormat("fr-FR", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Paris" })
    .format(new Date(instant))
    .replace(":", "\u00a0h\u00a0");
const tidy = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

function start() {
  for (const form of document.querySelectorAll("[data-sign]")) listen(form);
  at("offline-words").hidden = false;
  at("withdraw").addEventListener("click", takeBack);
  addEventListener("online", () => deliver());
  document.addEventListener("visibilitychange", () => document.hidden || deliver());
  setInterval(async () => (await waiting()).length && deliver(), AGAIN);
  navigator.storage?.persist?.();
  if (navigator.mediaDevices?.getUserMedia) {
    import("../scanning.js").then(({ offerScan }) =>
      offerScan(at, { words, say, onText: (text) => (byCamera(text), false) }),
    );
  }
  show().then(deliver).then(tidyUp).then(putAside);
}

// Signing

const waiting = async () => (await read(words.session))?.waiting ?? [];
const [day, half] = [words.halfDay?.slice(0, 10), words.halfDay?.slice(11)];

function listen(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const manner = event.submitter?.name === "do" ? event.submitter.value : form.elements.do.value;
    const done = await DOES[manner](form, manner);
    if (!done) return;
    form.reset();
    const fold = form.closest("details");
    if (fold) fold.open = false;
    fold?.querySelector("summary").focus();
  });
}

const DOES = { typed: byName, team: byName, own: byOwnCode, walk_in: walkIn, counter: countersign };

async function byName(form, manner) {
  const line = form.closest("[data-key]");
  const { key, name } = line.dataset;
  const written = manner === "typed" ? tidy(form.elements.written.value) : "";
  if (manner === "typed" && !isSameName(written, name)) {
    return refuse(form.elements.written, fill(words.differs, name));
  }
  return keep({ manner, who: key, name, written });
}

async function byOwnCode(form) {
  const input = form.elements.code;
  return (await byCode(input.value)) || refuse(input, words.unknown);
}

/** The eight signs of a code, however typed: as tidy_own in attendance/signing/codes.py. */
function tidyCode(text) {
  const letters = text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .replace(/[OILU]/g, (letter) => ({ O: "0", I: "1", L: "1", U: "8" })[letter]);
  return letters.length === 8 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : "";
}

let last = "";

/** A code read by the camera; the same one again is still before it. */
async function byCamera(text) {
  const code = tidyCode(text);
  if (code && code === last) return;
  last = code;
  await byCode(text);
}

async function byCode(text) {
  const code = tidyCode(text);
  const bytes = new TextEncoder().encode(`${words.session}:${code}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const known = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = code && document.querySelector(`[data-code="${known}"]`);
  if (!line) {
    say(words.unknown);
    return false;
  }
  const { key, name } = line.dataset;
  if (line.matches(":is(.signed, .waiting):not(.seen)")) say(fill(words.already, name));
  else await keep({ manner: "own", who: key, name, written: code });
  return true;
}

async function walkIn(form) {
  if (!checkFields(form)) return false;
  const name = tidy(form.elements.name.value);
  return keep({ manner: "team", who: form.elements.guest_email.value.trim(), name, written: "" });
}

async function countersign(form) {
  if (!checkFields(form)) return false;
  const written = tidy(form.elements.leader.value);
  return keep({ manner: "counter", who: "", name: "", written });
}

/** The browser says itself, in the reader's language, what a field still needs. */
function checkFields(form) {
  form.noValidate = false;
  const isRight = form.reportValidity();
  form.noValidate = true;
  return isRight;
}

function refuse(input, sentence) {
  input.setAttribute("aria-invalid", "true");
  input.setCustomValidity(sentence);
  input.reportValidity();
  input.addEventListener(
    "input",
    () => {
      input.setCustomValidity("");
      input.removeAttribute("aria-invalid");
    },
    { once: true },
  );
  say(sentence);
  return false;
}

async function keep(said) {
  await update(words.session, async (kept) => {
    const now = kept ?? (await newChain(words.session, words.until, words.page));
    const record = await makeRecord(now, { ...said, day, half });
    return { ...now, waiting: [...now.waiting, record], number: record.number, head: record.digest };
  });
  const told = { counter: words.countersigned, team: words.noted }[said.manner] ?? words.kept;
  news = fill(told, said.name);
  say(news);
  await show();
  deliver();
  return true;
}

// Showing what waits

async function show() {
  const records = await waiting();
  const tag = at("offline");
  tag.hidden = !records.length;
  tag.textContent = records.length === 1 ? words.oneWaiting : fill(words.waiting, records.length);
  const list = at("lines");
  for (const old of list.querySelectorAll("[data-added]")) old.remove();
  for (const one of records.filter((r) => r.day === day && r.half === half && r.manner !== "counter")) {
    const line = list.querySelector(`[data-key="${CSS.escape(one.who)}"]`) ?? addLine(list, one);
    const isSeen = one.manner === "team";
    // Seen by the team alone: they may still sign themselves.
    if (!isSeen) line.classList.remove("seen");
    else if (!line.matches(".signed, .waiting")) line.classList.add("seen");
    line.classList.add("waiting");
    line.querySelector("[data-state]").textContent = fill(isSeen ? words.seen : words.signed, hourOf(one.at));
  }
}

/** Somebody who walked in, and is on this device alone as yet. */
function addLine(list, record) {
  const line = document.createElement("li");
  line.dataset.added = "";
  line.dataset.key = record.who;
  const who = document.createElement("span");
  who.className = "who";
  const name = document.createElement("strong");
  name.textContent = record.name;
  const state = document.createElement("span");
  state.className = "soft small";
  state.dataset.state = "";
  who.append(name, document.createElement("br"), state);
  line.append(who);
  list.append(line);
  list.hidden = false;
  return line;
}

// Sending

let sending = null;

/** Send what waits: one sending at a time, and once more if something came meanwhile. */
function deliver() {
  sending = (sending ?? Promise.resolve()).then(tryToSend, tryToSend);
  return sending;
}

async function tryToSend() {
  const before = await waiting();
  if (!before.length) return;
  let told;
  try {
    told = await navigator.locks.request(`emargement:sending:${words.session}`, () =>
      send(words.session, words.page, words.send),
    );
  } catch (error) {
    report(error instanceof TypeError || !navigator.onLine ? words.unsent : words.failed);
    return;
  }
  at("signed-out").hidden = told.outcome !== "signed-out";
  at("refusal").hidden = told.outcome !== "refused";
  if (told.outcome === "refused") {
    say(""); // the alert says it
    at("refusal-words").textContent = told.sentence;
    at("withdraw").hidden = !told.nonce;
    at("withdraw").dataset.nonce = told.nonce ?? "";
  }
  if (told.outcome === "sent") report(words.sent);
  await refresh();
}

async function takeBack() {
  const gone = await withdraw(words.session, at("withdraw").dataset.nonce);
  at("refusal").hidden = true;
  if (gone?.who.includes("@")) {
    const form = document.querySelector("[data-sign] [name=guest_email]").form;
    form.closest("details").open = true;
    form.elements.name.value = gone.name;
    form.elements.guest_email.value = gone.who;
    form.elements.guest_email.focus();
  }
  await show();
  deliver();
}

/** The list and the counts as the place has them, under what still waits here. */
async function refresh() {
  const found = await fetchPage(words.page).catch(() => null);
  const fresh = found?.page.querySelector("[data-lines]");
  if (!fresh) return show();
  const list = at("lines");
  for (const old of list.querySelectorAll("[data-added]")) old.remove();
  for (const line of [...fresh.children]) {
    const old = list.querySelector(`[data-key="${line.dataset.key}"]`);
    if (old?.querySelector("details[open]")) continue; // somebody is at it
    const form = line.querySelector("[data-sign]");
    const hasFocus = old?.contains(document.activeElement);
    if (old) old.replaceWith(line);
    else list.append(line);
    listen(form);
    if (hasFocus) line.querySelector("summary").focus();
  }
  list.hidden = !list.children.length;
  await (await caches.open(CACHE)).put(words.page, found.copy);
  for (const part of ["count", "closing"]) {
    at(part).replaceChildren(...found.page.querySelector(`[data-${part}]`).childNodes);
  }
  await show();
}

// What is put aside for when there is no network, and taken away again

async function putAside() {
  await navigator.serviceWorker.register(words.worker).catch(() => null);
  if (!navigator.onLine) return;
  // From now on this session is one whose list is kept here.
  await update(words.session, (kept) => kept ?? newChain(words.session, words.until, words.page));
  const cache = await caches.open(CACHE);
  const own = new Set([...document.querySelectorAll("link[href], script[src]")].map((e) => e.href || e.src));
  for (const { name } of performance.getEntriesByType("resource")) own.add(name);
  const pages = [words.page, words.home, location.pathname, ...[...document.querySelectorAll("a[data-half]")].map((a) => a.href)];
  const files = [...own].filter((url) => new URL(url, location).pathname.startsWith("/static/"));
  const put = async (url) => {
    const answer = await fetch(url);
    if (answer.ok && !answer.redirected) await cache.put(url, answer); // never the page to sign in
  };
  await Promise.allSettled([...new Set([...files, ...pages])].map(put));
  root.dataset.ready = ""; // it opens without network from now on
}

/** Lists of sessions that are over, and of which all was sent, are not kept. */
async function tidyUp() {
  for (const kept of await readAll()) {
    if (kept.waiting.length || Date.now() < Date.parse(kept.until) + KEPT) continue;
    await forget(kept.session);
  }
  const keptPages = new Set((await readAll()).map((kept) => kept.session));
  keptPages.add(words.session);
  const cache = await caches.open(CACHE);
  for (const { url } of await cache.keys()) {
    const session = url.match(/appareil\/([0-9a-f-]{36})/)?.[1];
    if (session && !keptPages.has(session)) await cache.delete(url);
  }
}

if (root && can) start();
