import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { RawClient } from '../../session/test-support/raw-client.ts';

export type ScramClientOptions = {
  readonly user: string;
  readonly password: string;
  /** With its commas: `n,,` where absent. */
  readonly gs2Header?: string;
  /** Data of the channel binding. */
  readonly channel?: Buffer;
  readonly mechanism?: string;
};

/** How an exchange went: the server's first message, its proof, and the tagged response. */
export type ScramEnd = { readonly challenge: string | null; readonly proven: boolean; readonly tagged: string };

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const escaped = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');

/** A client's side of SCRAM-SHA-256 over IMAP, written from RFC 5802 and from nothing of the server. */
export async function scramSignIn(client: RawClient, options: ScramClientOptions): Promise<ScramEnd> {
  const { user, password, gs2Header = 'n,,', channel = Buffer.alloc(0), mechanism = 'SCRAM-SHA-256' } = options;
  const bare = `n=${escaped(user)},r=clientnonce`;
  client.send(`s AUTHENTICATE ${mechanism} ${base64(gs2Header + bare)}\r\n`);
  const challenge = challengeIn(await client.readLine());
  if (challenge.text === null) return { challenge: null, proven: false, tagged: challenge.line };
  const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge.text) ?? [];
  const salted = pbkdf2Sync(password.normalize('NFKC'), Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const bound = Buffer.concat([Buffer.from(gs2Header), channel]).toString('base64');
  const withoutProof = `c=${bound},r=${nonce}`;
  const message = `${bare},${challenge.text},${withoutProof}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((octet, i) => octet ^ (signature[i] ?? 0)));
  client.send(`${base64(`${withoutProof},p=${proof.toString('base64')}`)}\r\n`);
  const final = challengeIn(await client.readLine());
  if (final.text === null) return { challenge: challenge.text, proven: false, tagged: final.line };
  const proven = final.text === `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`;
  client.send('\r\n');
  return { challenge: challenge.text, proven, tagged: (await client.readTagged('s')).at(-1) ?? '' };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `text` null: no challenge but the end. */
function challengeIn(line: string | null): { readonly line: string; readonly text: string | null } {
  if (line === null) throw new Error('the server has closed');
  return { line, text: line.startsWith('+ ') ? Buffer.from(line.slice(2), 'base64').toString('utf8') : null };
}
