/* The queue answered with the keyboard: one line takes the place of the other without leaving the
   page, and when the network fails nothing that was written is lost. Every page works without it. */
const texts = () => document.getElementById("bench-texts").dataset;
const word = () => document.querySelector("#bench textarea[name=word]");

// Heard by who does not see the page change.
const status = document.createElement("p");
status.className = "vh";
status.setAttribute("role", "status");
document.body.append(status);

const warn = (message) => {
  document.querySelector("#bench [data-warning]")?.remove();
  const said = document.createElement("div");
  said.className = "flash error";
  said.dataset.warning = "";
  said.setAttribute("role", "alert");
  document.getElementById("bench").prepend(said);
  const words = document.createElement("p");
  words.textContent = message;
  said.append(words);
  said.scrollIntoView({block: "nearest"});
};

const show = (page) => {
  const main = document.querySelector("main");
  main.replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
  scrollTo(0, 0);
  (main.querySelector("[data-focus]") ?? main.querySelector("h1")).focus();
  status.textContent = main.querySelector(":scope > .flash p")?.textContent ?? "";
};

const read = async (address, sent = null) => {
  const answer = await fetch(address, {
    method: sent ? "POST" : "GET",
    body: sent,
    headers: {Accept: "text/html"},
    signal: AbortSignal.timeout(20_000),
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return {url: answer.url, page, isBench: Boolean(page.getElementById("bench"))};
};

// Signed in anew in another tab, this page still holds the token of the session that ended: the
// line is read again for its token, and the answer sent once more.
const TOKEN = "csrf_token";
const renewToken = async (sent) => {
  const {page, isBench} = await read(location.href);
  const token = page.querySelector(`#bench [name=${TOKEN}]`)?.value;
  if (!isBench || !token) return false;
  sent.set(TOKEN, token);
  // A second failure leaves the page with a token that works.
  for (const field of document.querySelectorAll(`[name=${TOKEN}]`)) field.value = token;
  return true;
};

let isBusy = false;
const go = async (address, sent = null) => {
  if (isBusy) return;
  isBusy = true;
  document.getElementById("bench").setAttribute("aria-busy", "true");
  try {
    let answer = await read(address, sent);
    if (sent && !answer.isBench && (await renewToken(sent))) answer = await read(address, sent);
    if (answer.isBench) {
      if (answer.url !== location.href) history.pushState(null, "", answer.url);
      show(answer.page);
    } else warn(texts().out);
  } catch {
    warn(texts().lost);
  } finally {
    isBusy = false;
    document.getElementById("bench").removeAttribute("aria-busy");
  }
};
addEventListener("popstate", () => location.reload());

// Links and forms between lines of the queue; all others leave as they always do.
const isLine = (address) => /^\/a-traiter\/[0-9a-f-]{36}(\/annuler)?$/.test(new URL(address).pathname);

const place = (text) => {
  const field = word();
  field.value = text;
  field.focus();
  field.setSelectionRange(text.length, text.length);
  status.textContent = texts().placed;
};

document.addEventListener("click", (event) => {
  const usual = event.target.closest("#bench button[name=choisi]");
  if (usual) {
    event.preventDefault();
    place(usual.value);
    return;
  }
  const link = event.target.closest("#bench a[data-key]");
  if (!link || !isLine(link.href) || event.button || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  event.preventDefault();
  go(link.href);
});

// Before the page's own listeners: what is sent here is not theirs.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#bench") || !isLine(form.action)) return;
  event.preventDefault();
  go(form.action, new URLSearchParams(new FormData(form, event.submitter)));
}, true);

const isTyping = (element) =>
  element.matches("textarea, select, [contenteditable]") ||
  (element.matches("input") && !["checkbox", "radio", "submit"].includes(element.type));

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat) return;
  const {target} = event;
  // The row of digits needs Shift on a French keyboard, and not here.
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  const key = digit ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (target === word() && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    document.querySelector("#bench button[value=retourner]").click();
    return;
  }
  if (texts().keys !== "on" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(target)) {
    if (key !== "Escape" || target !== word()) return;
    document.querySelector("#bench h1").focus();
    return;
  }
  if (event.shiftKey && key !== "?" && !digit) return;
  const isMove = ["j", "k", "ArrowLeft", "ArrowRight"].includes(key);
  // What scrolls sideways keeps its arrows.
  if (key.startsWith("Arrow") && target.closest("pre, .scroll, summary")) return;
  const found = document.querySelector(`#bench [data-key~="${CSS.escape(key)}"]`);
  if (!found) {
    if (isMove) status.textContent = texts().last;
    return;
  }
  event.preventDefault();
  if (found.matches("details")) {
    found.open = !found.open;
    found.querySelector("summary").focus();
  } else if (found.value === "retourner" && !word().value.trim()) word().focus();
  else found.click();
});
