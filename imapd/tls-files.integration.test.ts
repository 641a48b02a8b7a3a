import { rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { RecordedLog } from './session/test-support/recorded-log.ts';
import { startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

// Promise: a renewed certificate serves new connections without a restart, open ones go on, and files that cannot be used
// change nothing but the log.

type Pair = { readonly cert: string; readonly private: string };

const log = new RecordedLog();
let cluster: TestCluster;
let imapd: TestImapd;

const pair = (name: string): Promise<Pair> =>
  generate([{ name: 'commonName', value: name }], { keyType: 'ec', algorithm: 'sha256' });
const file = (name: string): string => join(cluster.folder, name);

/** As a mounted Secret is renewed: the two files are symbolic links that begin to point elsewhere. */
async function put(name: 'tls.crt' | 'tls.key', text: string): Promise<void> {
  const target = file(`${crypto.randomUUID()}.pem`);
  await writeFile(target, text);
  const link = file(`${name}.new`);
  await symlink(target, link);
  await rename(link, file(name));
}

beforeAll(async () => {
  cluster = await TestCluster.start([]);
  const first = await pair('first');
  await put('tls.crt', first.cert);
  await put('tls.key', first.private);
  const listen = { imap: { host: '127.0.0.1', port: 0 }, imaps: { host: '127.0.0.1', port: 0 } };
  const tls = { certFile: file('tls.crt'), keyFile: file('tls.key'), lookMs: 20 };
  imapd = await startTestImapd(cluster, { log, more: { listen, tls } });
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
});

/** What a client of implicit TLS is shown. */
async function shown(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<PeerCertificate>();
  const client = connect({ port: imapd.imapsPort, host: '127.0.0.1', rejectUnauthorized: false });
  client.once('secureConnect', () => resolve(client.getPeerCertificate())).once('error', reject);
  const { subject } = await promise;
  client.destroy();
  return String(subject.CN);
}

const said = (code: string): number => log.codes().filter((each) => each === code).length;

test('the new pair serves new connections, and the open one goes on', async () => {
  expect(await shown()).toBe('first');
  const open = connect({ port: imapd.imapsPort, host: '127.0.0.1', rejectUnauthorized: false });
  let heard = '';
  open.on('data', (chunk) => {
    heard += chunk;
  });
  await expect.poll(() => heard).toContain('* OK');
  const second = await pair('second');
  await put('tls.crt', second.cert);
  await put('tls.key', second.private);
  await expect.poll(shown).toBe('second');
  expect(log.events).toContainEqual({
    code: 'CertificateRenewed',
    fields: expect.objectContaining({ certFile: file('tls.crt'), validTo: expect.stringMatching(/GMT$/) }),
  });
  open.write('a NOOP\r\n');
  await expect.poll(() => heard).toContain('a OK');
  expect(open.getPeerCertificate().subject.CN).toBe('first');
  open.destroy();
});

test.each([
  ['a certificate that is none', () => put('tls.crt', 'nonsense')],
  ['a certificate of another key', async () => put('tls.crt', (await pair('other')).cert)],
  ['a certificate that is gone', () => unlink(file('tls.crt'))],
])('%s changes nothing, and is said once', async (_, spoil) => {
  const before = await shown();
  const told = said('CertificateUnusable');
  await spoil();
  await expect.poll(() => said('CertificateUnusable')).toBe(told + 1);
  expect(await shown()).toBe(before);
  const next = await pair(`after ${told}`);
  await put('tls.key', next.private);
  await put('tls.crt', next.cert);
  await expect.poll(shown).toBe(`after ${told}`);
  // What is unusable between the two files may be said as well, where the looks fall so; not again and again.
  expect(said('CertificateUnusable')).toBeLessThanOrEqual(told + 2);
});
