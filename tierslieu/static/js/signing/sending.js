/* Sends what waits on the device. Sent again, the place changes nothing: an answer may be lost. */

import { begin, instant, link } from "./chain.js";
import { update, read } from "./store.js";

const AT_ONCE = 100;

/** The page as the place shows it now, with a token for sending; null: it asks to sign in. */
export async function fetchPage(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  if (answer.redirected && new URL(answer.url).pathname !== new URL(url, location).pathname) return null;
  const copy = answer.clone();
  return { copy, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

/**
 * Send the waiting records of a session. Gives `{outcome}`: "sent" (nothing waits), "signed-out",
 * or "refused" with the sentence and the record it is about. Throws without network.
 */
export async function send(session, pageUrl, sendUrl) {
  const found = await fetchPage(pageUrl);
  if (!found) return { outcome: "signed-out" };
  const token = found.page.querySelector("[name=csrf_token]")?.value;
  let upTo = AT_ONCE;
  for (;;) {
    const kept = await read(session);
    const records = kept?.waiting.slice(0, upTo) ?? [];
    if (!records.length) return { outcome: "sent" };
    const answer = await fetch(sendUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ chain: kept.chain, clock: instant(), records }),
    });
    if (answer.redirected) return { outcome: "signed-out" };
    const told = await answer.json();
    if (answer.ok) {
      const heard = new Set(told.heard.map((one) => one.nonce));
      await update(session, (now) => ({ ...now, waiting: now.waiting.filter((one) => !heard.has(one.nonce)) }));
      upTo = AT_ONCE;
      continue;
    }
    const place = records.findIndex((one) => one.nonce === told.nonce);
    if (place > 0) {
      upTo = place; // those before it have nothing to do with it
      continue;
    }
    if (answer.status >= 500 || (answer.status === 400 && told.code === "csrf")) throw new Error(told.code);
    return { outcome: "refused", sentence: told.title, nonce: told.nonce ?? null };
  }
}

/** Take one waiting record out: those after it are put behind the one before. A countersignature
    among them is taken out too: it was over the record that is gone. Gives the record. */
export async function withdraw(session, nonce) {
  let gone = null;
  await update(session, async (kept) => {
    const place = kept.waiting.findIndex((one) => one.nonce === nonce);
    if (place < 0) return kept;
    gone = kept.waiting[place];
    const now = { ...kept, number: gone.number - 1, head: gone.previous, waiting: kept.waiting.slice(0, place) };
    for (const one of kept.waiting.slice(place + 1)) {
      if (one.manner === "counter") continue;
      const next = await link(now, one);
      now.waiting.push(next);
      [now.number, now.head] = [next.number, next.digest];
    }
    return now;
  });
  return gone;
}

/** A new chain for this session. */
export async function newChain(session, until, page) {
  const chain = crypto.randomUUID();
  return { session, until, page, chain, number: 0, head: await begin(chain, session), waiting: [] };
}
