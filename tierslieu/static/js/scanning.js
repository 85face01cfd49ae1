/* A button that turns the camera on to read QR codes, and what is said meanwhile. */

/**
 * Wire the parts of `_parts/scanner.html` found by `at(name)`. `words` holds the sentences, `say`
 * shows one, `onText` is given each text read until it says true. Shows the button if there may be
 * a camera; gives what stops it.
 */
export function offerScan(at, { words, say, onText }) {
  const scanner = at("scanner");
  const scanButton = at("scan");
  const torch = at("torch");
  let scan = null;

  const end = (why) => {
    scanner.hidden = true;
    torch.hidden = true;
    scanButton.hidden = false;
    scan = null;
    if (why === "found") return;
    say(words[why] ?? "");
    if (why !== "left") scanButton.focus();
  };

  const begin = async () => {
    if (scan) return;
    say(words.asking);
    scanButton.hidden = true;
    scanner.hidden = false;
    at("stop").focus({ preventScroll: true });
    const reader = await import("./scan.js").catch(() => null);
    if (scanner.hidden) return; // stopped meanwhile
    if (!reader) return end("busy");
    scan = new reader.Scan(at("video"), { onText, onEnd: end });
    await scan.start();
    if (!scan) return;
    scanner.scrollIntoView({ block: "center" });
    say(words.aim);
    torch.hidden = !scan.hasTorch;
    torch.setAttribute("aria-pressed", "false");
  };

  scanButton.addEventListener("click", begin);
  at("stop").addEventListener("click", () => (scan ? scan.stop() : end("stopped")));
  torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    await scan?.light(on);
    torch.setAttribute("aria-pressed", String(on));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") scan?.stop();
  });
  window.addEventListener("pagehide", () => scan?.stop("left"));
  scanButton.hidden = !navigator.mediaDevices?.getUserMedia;
}
