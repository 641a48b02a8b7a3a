import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import type { TlsIdentity } from '../tls-identity.ts';

export type TestCertificate = { readonly identity: TlsIdentity; readonly certificate: string };

/**
 * A certificate for `localhost` that nobody trusts but who is given it. `clientAuthority`: clients are asked for one of it.
 */
export async function testCertificate(clientAuthority?: string): Promise<TestCertificate> {
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names }],
  });
  const ca = clientAuthority === undefined ? {} : { ca: clientAuthority, sessionIdContext: 'test' };
  const context = createSecureContext({ key: pem.private, cert: pem.cert, ...ca });
  const clientField = clientAuthority === undefined ? null : 'emailAddress';
  return { identity: { current: () => context, clientField }, certificate: pem.cert };
}
