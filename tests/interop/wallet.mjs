// A wallet by the OpenWallet Foundation's library: an offer's link and six digits in, a badge out.
import {createHash, generateKeyPairSync, randomBytes, sign} from 'node:crypto';

import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {clientAuthenticationAnonymous, setGlobalConfig} from '@openid4vc/oauth2';
import {Openid4vciClient} from '@openid4vc/openid4vci';

setGlobalConfig({allowInsecureUrls: true}); // the place under test speaks http, on loopback

const [link, txCode, credentialConfigurationId] = process.argv.slice(2);
const {publicKey, privateKey} = generateKeyPairSync('ed25519');
const publicJwk = publicKey.export({format: 'jwk'});
const {publicKeyMultibase} = await (await Ed25519Multikey.fromJwk({jwk: publicJwk}))
  .export({publicKey: true});
const did = `did:key:${publicKeyMultibase}`;
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');

const client = new Openid4vciClient({callbacks: {
  fetch,
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  generateRandom: length => randomBytes(length),
  clientAuthentication: clientAuthenticationAnonymous(),
  verifyJwt: async () => ({verified: false}),
  signJwt: async (signer, {header, payload}) => {
    const text = `${part(header)}.${part(payload)}`;
    const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
    return {jwt: `${text}.${signature}`, signerJwk: publicJwk};
  },
}});

const credentialOffer = await client.resolveCredentialOffer(link);
const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
const {accessTokenResponse} = await client.retrievePreAuthorizedCodeAccessTokenFromOffer(
  {credentialOffer, issuerMetadata, txCode});
const {c_nonce: nonce} = await client.requestNonce({issuerMetadata});
const {jwt} = await client.createCredentialRequestJwtProof({
  issuerMetadata, credentialConfigurationId, nonce,
  signer: {method: 'did', didUrl: `${did}#${publicKeyMultibase}`, alg: 'EdDSA'},
});
const {credentialResponse} = await client.retrieveCredentials({
  issuerMetadata, credentialConfigurationId,
  accessToken: accessTokenResponse.access_token, proofs: {jwt: [jwt]},
});
process.stdout.write(JSON.stringify({did, credentials: credentialResponse.credentials}));
