import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { generate } from 'selfsigned';

type Key = { readonly kid: string; readonly privateKey: CryptoKey; readonly publicJwk: JWK };

/** How the issuer answers for its keys. */
type Mood = 'well' | 'silent' | 'failing' | 'huge' | 'redirecting';

/** An issuer of tokens on loopback: discovery and keys by HTTPS, as OpenID Connect has them. */
export class TestIssuer {
  readonly ca: string;
  readonly #server: Server;
  #key: Key;
  mood: Mood = 'well';
  /** Of the keys, not of the discovery document. */
  asked = 0;

  private constructor(server: Server, ca: string, key: Key) {
    this.#server = server;
    this.ca = ca;
    this.#key = key;
    server.on('request', ({ url }, response) => this.#answer(url ?? '', response));
  }

  static async start(): Promise<TestIssuer> {
    const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const server = createServer({ cert: pem.cert, key: pem.private });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestIssuer(server, pem.cert, await newKey('first'));
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/realm`;
  }

  /** From now on another key signs, and the one before is no longer told. */
  async rotate(kid: string): Promise<void> {
    this.#key = await newKey(kid);
  }

  /** What a token says beside, or in place of, what a good one does. `undefined` takes a claim away. */
  async token(claims: object = {}, header: { readonly kid?: string; readonly key?: CryptoKey } = {}): Promise<string> {
    const good = { iss: this.url, aud: 'mail', email: 'ada', email_verified: true };
    const exp = Math.floor(Date.now() / 1000) + 300;
    const payload = JSON.parse(JSON.stringify({ ...good, exp, ...claims })) as JWTPayload;
    return await new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: header.kid ?? this.#key.kid })
      .sign(header.key ?? this.#key.privateKey);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(url: string, response: ServerResponse): void {
    if (url === '/realm/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
      return;
    }
    this.asked++;
    switch (this.mood) {
      case 'silent':
        return;
      case 'failing':
        return void response.writeHead(500).end('{}');
      case 'redirecting':
        return void response.writeHead(302, { location: `${this.url}/keys` }).end();
      case 'huge':
        return void response.end(JSON.stringify({ keys: [this.#key.publicJwk], more: 'x'.repeat(100_000) }));
      case 'well':
        return void response.end(JSON.stringify({ keys: [this.#key.publicJwk] }));
    }
  }
}

async function newKey(kid: string): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
}
