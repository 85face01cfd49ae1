/* What is kept on the device until it is sent: for each session a chain and its waiting records. */

const STORE = "sessions";

const ask = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("emargement", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "session" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function within(mode, act) {
  const transaction = (await open()).transaction(STORE, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const result = await ask(act(transaction.objectStore(STORE)));
  await done;
  return result;
}

/** What is kept of this session, or undefined. */
export const read = (session) => within("readonly", (store) => store.get(session));
/** Everything that is kept. */
export const readAll = () => within("readonly", (store) => store.getAll());
/** Forget this session. */
export const forget = (session) => within("readwrite", (store) => store.delete(session));

/**
 * Change what is kept of a session: `change(kept)` gives what it becomes. One window at a time, so
 * that two never put different records behind the same one.
 */
export const update = (session, change) =>
  navigator.locks.request(`emargement:${session}`, async () => {
    const kept = await change(await read(session));
    if (kept) await within("readwrite", (store) => store.put(kept));
    return kept;
  });
