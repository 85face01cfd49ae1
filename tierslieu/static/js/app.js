/* Niceties only: every page works without this file. */
"use strict";
(() => {
  // What is wrong is read first: the summary of a refused form, or what an act was refused for.
  document.querySelector("[data-focus]")?.focus();

  // What the place would refuse for its weight never leaves: the words beside it would be lost.
  // A page that takes several files says how much of them, and how much of each.
  const room = 64 * 1024; // for the words
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const {most, heavy, each = most} = {...document.body.dataset, ...form.dataset};
    const sum = files.reduce((sum, file) => sum + file.size, 0);
    form.querySelector("[data-too-heavy]")?.remove();
    if (sum <= most - room && files.every((file) => file.size <= each)) return;
    event.preventDefault();
    const said = document.createElement("p");
    said.className = "flash error";
    said.dataset.tooHeavy = "";
    said.setAttribute("role", "alert");
    said.textContent = heavy;
    (event.submitter?.closest(".btns") ?? event.submitter ?? form.lastElementChild).before(said);
  });

  // A form is sent once, however often its button is pressed. It can be sent again after a while
  // (a download leaves the page where it is) and when the page comes back from the browser's memory.
  const sent = new Map();
  const release = (form) => {
    sent.get(form)?.removeAttribute("aria-disabled");
    sent.delete(form);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (event.submitter?.hasAttribute("formtarget")) return; // answered in a frame: the page stays
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.set(form, event.submitter);
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(release, 4000, form);
  });
  window.addEventListener("pageshow", () => [...sent.keys()].forEach(release));

  // Who signed out leaves no list of names behind: the pages that the sign-in page put aside go.
  if (document.querySelector("a.signin")) globalThis.caches?.delete("emargement");

  // A password can be read while it is typed.
  for (const box of document.querySelectorAll("[data-reveal]")) {
    const input = box.querySelector("input");
    const button = document.createElement("button");
    button.type = "button";
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? box.dataset.hide : box.dataset.show;
      button.setAttribute("aria-label", `${button.textContent} : ${box.dataset.what}`);
    };
    button.addEventListener("click", () => show(input.type === "password"));
    input.form?.addEventListener("submit", () => show(false));
    show(false);
    box.append(button);
  }

  // Buttons that only a script can serve are hidden until there is one.
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  const select = (source) => {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  };
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
      } catch {
        // No clipboard here, or none allowed: the text is selected, ready for the keyboard.
        select(source);
        if (!document.execCommand("copy")) return;
      }
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  }
  for (const field of document.querySelectorAll("[data-select]")) {
    field.addEventListener("focus", () => select(field));
  }
  for (const button of document.querySelectorAll("button[data-share]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const url = document.getElementById(button.dataset.share).value;
      navigator.share({title: button.dataset.title, url}).catch(() => {}); // closed unused
    });
  }
})();
