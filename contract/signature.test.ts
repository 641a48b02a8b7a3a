import { CompactSign, importJWK } from 'jose';
import { Type } from 'typebox';
import { beforeAll, expect, test } from 'vitest';
import { generateSigningKey, type SignaturePurpose, type SigningKey, sign, verify } from './signature.ts';
import { signedBy } from './signed-by.ts';

const Payload = Type.Object({ version: Type.Integer() }, { additionalProperties: false });
const PURPOSES: readonly SignaturePurpose[] = ['routing', 'heartbeat', 'command'];

let own: SigningKey;
let next: SigningKey;

beforeAll(async () => {
  [own, next] = await Promise.all([generateSigningKey('own'), generateSigningKey('next')]);
});

const verified = (jws: string, purpose: SignaturePurpose = 'routing', keys = [own.publicJwk]) =>
  verify(jws, { purpose, schema: Payload, keys });

test.each(PURPOSES.flatMap((signed) => PURPOSES.map((taken) => [signed, taken] as const)))(
  'signed as a %s, taken for a %s',
  async (signed, taken) => {
    const answer = await verified(await sign({ version: 7 }, signed, own.privateJwk), taken);
    expect(answer).toMatchObject(
      signed === taken ? { ok: true, payload: { version: 7 } } : { ok: false, code: 'BadSignature' },
    );
  },
);

test('to the letter what jose makes of it', async () => {
  const payload = { cluster: 'mail', pod: 'ä', sequence: 1, leases: {} };
  const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'imapcluster-heartbeat', kid: 'own' })
    .sign(await importJWK(own.privateJwk, 'EdDSA'));
  expect(await sign(payload, 'heartbeat', own.privateJwk)).toBe(signed);
});

test('while a key is being replaced both are good, and no other is', async () => {
  const jws = await sign({ version: 1 }, 'routing', next.privateJwk);
  expect(await verified(jws)).toMatchObject({ ok: false, code: 'BadSignature' });
  expect(await verified(jws, 'routing', [own.publicJwk, next.publicJwk])).toMatchObject({ ok: true });
  expect(await verified(jws, 'routing', [])).toMatchObject({ ok: false, code: 'BadSignature' });
  expect([signedBy(jws, own.privateJwk), signedBy(jws, next.privateJwk)]).toEqual([false, true]);
});

test('what was altered, cut or unsigned is refused, and nothing throws', async () => {
  const [header, , signature] = (await sign({ version: 1 }, 'routing', own.privateJwk)).split('.') as [
    string,
    string,
    string,
  ];
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encoded({ alg: 'none', typ: 'imapcluster-routing' })}.${encoded({ version: 9 })}.`;
  for (const jws of [`${header}.${encoded({ version: 2 })}.${signature}`, unsigned, `${header}..`, 'x', '', 'a.b.c']) {
    expect(await verified(jws), jws).toMatchObject({ ok: false, code: 'BadSignature' });
  }
});

test('a payload of another shape, or no JSON, is refused although the signature holds', async () => {
  const answer = await verified(await sign({ version: 'one', more: 1 }, 'routing', own.privateJwk));
  expect(answer).toMatchObject({ ok: false, code: 'BadPayload' });
  const text = await new CompactSign(new TextEncoder().encode('no JSON'))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'imapcluster-routing' })
    .sign(await importJWK(own.privateJwk, 'EdDSA'));
  expect(await verified(text)).toMatchObject({ ok: false, code: 'BadPayload' });
});

test('the public half holds nothing of the private one', () => {
  expect(own.publicJwk).not.toHaveProperty('d');
  expect(own.privateJwk).toHaveProperty('d');
});
