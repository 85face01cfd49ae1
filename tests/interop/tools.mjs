// Digital Bazaar's libraries, set up as a stranger would: their signatures, our shipped contexts.
import {readFileSync} from 'node:fs';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as DidKey from '@digitalbazaar/did-method-key';
import {createSignCryptosuite as createSignJcs2019}
  from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as rdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {createSignCryptosuite, createVerifyCryptosuite}
  from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';

const folder = new URL('../../badges/engine/contexts/', import.meta.url);
const read = name => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const contexts = new Map(Object.entries(read('index.json'))
  .map(([address, {file}]) => [address, read(file)]));

const driver = DidKey.driver();
driver.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

// Documents of did:web issuers, by DID; a test may publish some.
export const published = new Map();

export async function documentLoader(address) {
  const found = contexts.get(address);
  if(found) {
    return {contextUrl: null, documentUrl: address, document: found, tag: 'static'};
  }
  if(address.startsWith('did:key:')) {
    return {contextUrl: null, documentUrl: address, document: await driver.get({url: address})};
  }
  const [controller, fragment] = address.split('#');
  const document = published.get(controller);
  if(document && !fragment) {
    return {contextUrl: null, documentUrl: address, document};
  }
  const method = document?.verificationMethod.find(({id}) => id === address);
  if(method) {
    return {contextUrl: null, documentUrl: address,
      document: {'@context': 'https://w3id.org/security/multikey/v1', ...method}};
  }
  throw new Error(`not shipped, and never fetched: ${address}`);
}

export async function keyFromSeed(hex) {
  const pair = await Ed25519Multikey.generate({seed: new Uint8Array(Buffer.from(hex, 'hex'))});
  const {publicKeyMultibase} = await pair.export({publicKey: true});
  pair.controller = `did:key:${publicKeyMultibase}`;
  pair.id = `${pair.controller}#${publicKeyMultibase}`;
  return pair;
}

// A new key of a curve of NIST; `curve` is `P-256` or `P-384`.
export async function keyOfCurve(curve) {
  const pair = await EcdsaMultikey.generate({curve});
  const {publicKeyMultibase} = await pair.export({publicKey: true});
  pair.controller = `did:key:${publicKeyMultibase}`;
  pair.id = `${pair.controller}#${publicKeyMultibase}`;
  return pair;
}

const suites = {
  'eddsa-rdfc-2022': () => rdfc2022,
  'eddsa-jcs-2022': createSignCryptosuite,
  'ecdsa-rdfc-2019': () => rdfc2019,
  'ecdsa-jcs-2019': createSignJcs2019
};

async function signatureSuite(name, pair, date) {
  if(name === 'Ed25519Signature2020') {
    const {publicKeyMultibase, secretKeyMultibase} =
      await pair.export({publicKey: true, secretKey: true});
    return new Ed25519Signature2020({date, key: new Ed25519VerificationKey2020({
      id: pair.id, controller: pair.controller, publicKeyMultibase,
      privateKeyMultibase: secretKeyMultibase
    })});
  }
  const cryptosuite = suites[name]();
  return new DataIntegrityProof({signer: pair.signer(), date, cryptosuite});
}

export async function sign(credential, pair, {suite = 'eddsa-rdfc-2022', date} = {}) {
  return vc.issue({
    credential: structuredClone(credential),
    suite: await signatureSuite(suite, pair, date),
    documentLoader,
    now: new Date(credential.validFrom ?? credential.issuanceDate)
  });
}

export async function verify(credential, now) {
  const suite = [
    new DataIntegrityProof({cryptosuite: rdfc2022}),
    new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()})
  ];
  const found = await vc.verifyCredential({
    credential, suite, documentLoader, now: new Date(now),
    // The status is another matter: here it is the signature that is compared.
    checkStatus: async () => ({verified: true})
  });
  const errors = found.error?.errors ?? (found.error ? [found.error] : []);
  return {verified: found.verified === true, errors: errors.map(({message}) => message)};
}

// A presentation and every credential inside.
export async function verifyPresentation(presentation, {now, challenge, domain}) {
  const suite = [
    new DataIntegrityProof({cryptosuite: rdfc2022}),
    new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()})
  ];
  const found = await vc.verify({
    presentation, suite, documentLoader, challenge, domain, now: new Date(now),
    checkStatus: async () => ({verified: true})
  });
  return {
    verified: found.verified === true,
    inside: (found.credentialResults ?? []).map(({verified}) => verified),
    errors: String(found.error ?? found.presentationResult?.error?.errors?.[0] ?? '')
  };
}
