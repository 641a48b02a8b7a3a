import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import type { TlsIdentity } from '../tls-identity.ts';

export type TestCertificate = { readonly identity: TlsIdentity; readonly certificate: string };

/** A certificate for `localhost` that nobody trusts but who is given it. */
export async function testCertificate(): Promise<TestCertificate> {
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names }],
  });
  const context = createSecureContext({ key: pem.private, cert: pem.cert });
  return { identity: { current: () => context, clientField: null }, certificate: pem.cert };
}
