// Two more verifiers nobody here wrote: the Digital Credentials Consortium's, for credentials, and
// `jose`, for tokens. One JSON line in, one out. Whatever they fetch is answered from `web`.
import {createInterface} from 'node:readline';

import * as jose from 'jose';

let web = {};
globalThis.fetch = async request => {
  const address = String(request.url ?? request).split('#')[0];
  const found = web[address];
  return found === undefined ?
    new Response('not published', {status: 404}) :
    new Response(JSON.stringify(found), {headers: {'content-type': 'application/json'}});
};
// It captures `fetch` when it is loaded.
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

const operations = {
  async credential({credential}) {
    const found = await verifyCredential({credential, knownDIDRegistries: []});
    return {
      steps: Object.fromEntries((found.log ?? []).map(({id, valid}) => [id, valid])),
      errors: (found.errors ?? []).map(({name}) => name),
      schemas: found.additionalInformation?.find(({id}) => id === 'schema_check')?.results ?? []
    };
  },
  async token({token, jwk}) {
    const key = await jose.importJWK(jwk, jose.decodeProtectedHeader(token).alg);
    const now = new Date(jose.decodeJwt(token).nbf * 1000 + 1000);
    const {payload, protectedHeader} = await jose.jwtVerify(token, key, {
      currentDate: now, algorithms: ['RS256', 'ES256'], requiredClaims: ['iss', 'jti', 'nbf']
    });
    const embedded = await jose.EmbeddedJWK(protectedHeader);
    return {payload, header: protectedHeader, embedded: embedded.type,
      thumbprint: await jose.calculateJwkThumbprint(jwk)};
  },
  async sign({payload, algorithm}) {
    const {publicKey, privateKey} = await jose.generateKeyPair(algorithm, {extractable: true});
    const jwk = await jose.exportJWK(publicKey);
    return {token: await new jose.SignJWT(payload)
      .setProtectedHeader({alg: algorithm, typ: 'JWT', jwk}).sign(privateKey), jwk};
  }
};

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const {op, served = {}, ...request} = JSON.parse(line);
    web = served;
    answer = await operations[op](request);
  } catch(error) {
    answer = {error: String(error.code ?? error.stack ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
