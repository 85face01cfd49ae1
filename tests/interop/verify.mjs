// One JSON line in, one JSON line out: {op: "verify" | "sign" | "canonize", …}.
import {createInterface} from 'node:readline';

import * as canonize from 'rdf-canonize';

import {keyFromSeed, keyOfCurve, published, sign, verify, verifyPresentation} from './tools.mjs';

const operations = {
  async verify({credential, now, documents = {}}) {
    for(const [did, document] of Object.entries(documents)) {
      published.set(did, document);
    }
    return verify(credential, now);
  },
  async present({presentation, ...more}) {
    return verifyPresentation(presentation, more);
  },
  async sign({credential, seed, suite, date}) {
    return {signed: await sign(credential, await keyFromSeed(seed), {suite, date})};
  },
  // By an issuer who is a key made for the occasion.
  async signWithCurve({credential, curve, suite, date}) {
    const pair = await keyOfCurve(curve);
    credential.issuer.id = pair.controller;
    return {signed: await sign(credential, pair, {suite, date})};
  },
  async canonize({nquads, digest = 'sha256'}) {
    return {canonical: await canonize.canonize(nquads,
      {algorithm: 'RDFC-1.0', inputFormat: 'application/n-quads', maxWorkFactor: Infinity,
        messageDigestAlgorithm: digest})};
  }
};

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const {op, ...request} = JSON.parse(line);
    answer = await operations[op](request);
  } catch(error) {
    answer = {error: String(error.stack ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
