/* The records of a device: each holds the hash of the one before. As attendance/signing/chains.py. */

/** A flat object of texts and whole numbers in its one written form, hashed (SHA-256, hex). */
export async function digestOf(members) {
  const text = JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hex(new Uint8Array(hash));
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What the first record of a chain comes after. */
export const begin = (chain, session) => digestOf({ chain, session });

/** An instant as records say it: UTC, whole seconds. */
export const instant = (date = new Date()) => `${date.toISOString().slice(0, 19)}Z`;

/** The next record of `kept` ({chain, number, head}). `said`: manner, day, half, who, name, written. */
export async function makeRecord(kept, said) {
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
  return link(kept, { nonce: crypto.randomUUID(), at: instant(), salt, ...said });
}

/** A record put behind the head of `kept`: a new one, or one that follows another since. */
export async function link(kept, record) {
  const { nonce, manner, day, half, at, salt, who, name, written } = record;
  const [number, previous] = [kept.number + 1, kept.head];
  const seal = await digestOf({ name, salt, who, written });
  const hashed = { at, chain: kept.chain, day, half, manner, nonce, number, previous, seal };
  const digest = await digestOf(hashed);
  return { number, previous, nonce, manner, day, half, at, salt, who, name, written, digest };
}
