// The other side of credentials.py: Digital Bazaar's libraries, asked for one slice at a time.
// One JSON line in ({op, seconds} or {op: "load", credential, seed}), one out ({count, seconds,
// processor}, the last in seconds of processor time, helper threads included).
import {createInterface} from 'node:readline';

import {keyFromSeed, sign, verify} from '../tests/interop/tools.mjs';

let credential, pair, signed;

async function run(work, seconds) {
  const began = performance.now();
  const used = process.cpuUsage();
  let count = 0;
  while(performance.now() - began < seconds * 1000) {
    await work();
    count++;
  }
  const {user, system} = process.cpuUsage(used);
  return {count, seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6};
}

const operations = {
  async load({credential: document, seed}) {
    credential = document;
    pair = await keyFromSeed(seed);
    signed = await sign(credential, pair);
    const answer = await verify(signed, Date.now());
    if(!answer.verified) {
      throw new Error(answer.errors.join(', '));
    }
    return {proof: signed.proof};
  },
  // What we sign in bulk, a stranger accepts.
  async check({credential: document}) {
    const {verified, errors} = await verify(document, Date.now());
    return {verified, errors: errors.map(String)};
  },
  sign: ({seconds}) => run(() => sign(credential, pair), seconds),
  verify: ({seconds}) => run(async () => {
    const answer = await verify(signed, Date.now());
    if(!answer.verified) {
      throw new Error('a right signature was refused');
    }
  }, seconds)
};

for await (const line of createInterface({input: process.stdin})) {
  const {op, ...request} = JSON.parse(line);
  process.stdout.write(JSON.stringify(await operations[op](request)) + '\n');
}
