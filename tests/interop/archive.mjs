// Digital Bazaar's verifier with nothing but the folder of an archive: contexts, keys and lists.
// node archive.mjs FOLDER FILE NOW → {verified, errors, revoked}
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';

const [folder, file, now] = process.argv.slice(2);
const read = path => JSON.parse(readFileSync(`${folder}/${path}`, 'utf8'));
const contexts = read('contexts/index.json');
const did = read('.well-known/did.json');

async function documentLoader(address) {
  if(contexts[address]) {
    return {contextUrl: null, documentUrl: address, document: read(contexts[address])};
  }
  if(address === did.id) {
    return {contextUrl: null, documentUrl: address, document: did};
  }
  const method = did.verificationMethod.find(({id}) => id === address);
  if(method) {
    return {contextUrl: null, documentUrl: address,
      document: {'@context': 'https://w3id.org/security/multikey/v1', ...method}};
  }
  throw new Error(`not in the archive: ${address}`);
}

const verifyOne = credential => vc.verifyCredential({
  credential,
  suite: new DataIntegrityProof({cryptosuite}),
  documentLoader,
  now: new Date(now),
  checkStatus: async () => ({verified: true})
});

const credential = read(`credentials/${file}`);
const found = await verifyOne(credential);
const {statusListCredential, statusListIndex} = credential.credentialStatus;
const listing = read(new URL(statusListCredential).pathname.slice(1));
const believed = await verifyOne(listing);
if(!believed.verified) {
  throw new Error('the status list of the archive is not signed as it should');
}
const bits = gunzipSync(Buffer.from(listing.credentialSubject.encodedList.slice(1), 'base64url'));
const index = Number(statusListIndex);
process.stdout.write(JSON.stringify({
  verified: found.verified === true,
  errors: (found.error?.errors ?? []).map(({message}) => message),
  revoked: Boolean(bits[index >> 3] & (0x80 >> (index & 7)))
}));
