import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from '../run-as.ts';
import { certificateFiles } from './certificate.ts';
import { StateFolder } from './state-folder.ts';

const now = new Date('2026-11-27T00:00:00Z');
const somebodyElse: RunAs | null = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** What a run finds that begins at `at`. */
async function found(at: Date) {
  const state = await StateFolder.open(join(folder, 'state'), somebodyElse);
  try {
    const files = await certificateFiles(state, null, at);
    const [cert, key] = [await readFile(files.certFile, 'utf8'), await readFile(files.keyFile, 'utf8')];
    return { files, cert, key, x509: new X509Certificate(cert) };
  } finally {
    state.close();
  }
}

test('one is made for localhost under all its names, good for years and with its key', async () => {
  const { x509, cert, key } = await found(now);
  expect(x509.checkHost('localhost')).toBe('localhost');
  expect([x509.checkIP('127.0.0.1'), x509.checkIP('::1')]).toEqual(['127.0.0.1', '::1']);
  expect([x509.checkHost('mail.example.org'), x509.checkIP('192.0.2.1')]).toEqual([undefined, undefined]);
  expect(x509.validFromDate.getTime()).toBeLessThanOrEqual(now.getTime());
  expect(x509.validToDate.getFullYear()).toBeGreaterThanOrEqual(2036);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(() => createSecureContext({ cert, key })).not.toThrow();
});

test('the next run has the same one: who trusted it goes on doing so', async () => {
  const first = await found(now);
  const later = await found(new Date('2027-11-27T00:00:00Z'));
  expect([later.cert, later.key]).toEqual([first.cert, first.key]);
});

test('whoever imapd becomes can read it, and nobody else the key', async () => {
  const { files } = await found(now);
  for (const file of [files.certFile, files.keyFile]) expect(await isReachableFor(somebodyElse, file)).toBe(true);
  const { mode, uid } = await stat(files.keyFile);
  expect(mode & 0o077).toBe(0);
  expect(uid).toBe(somebodyElse?.uid ?? process.getuid?.());
});
