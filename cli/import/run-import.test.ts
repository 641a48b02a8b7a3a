import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause } from '#runtime/deadline.ts';
import { CliError } from '../cli-error.ts';
import type { Appended, MessageToAppend } from '../connection/cluster-connection.ts';
import { mboxSource } from './mbox-source.ts';
import { type ImportOptions, runImport } from './run-import.ts';

// Entries of more than the MiB that is read at a time: whoever interrupts does so in the middle of the file.
const ENTRIES = 6;
const BODY = 'x'.repeat(78).concat('\n').repeat(20_000);
let folder: string;
let mbox: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
  mbox = join(folder, 'large.mbox');
  const entry = (n: number): string => `From a@b Mon Jan  5 10:00:00 2026\nSubject: ${n}\n\n${BODY}\n`;
  await writeFile(mbox, Array.from({ length: ENTRIES }, (_, n) => entry(n)).join(''));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Imports the file into a server that is nothing but `append`. */
async function imported(append: (message: MessageToAppend, stop: AbortController) => Promise<Appended>, parallel = 2) {
  const stop = new AbortController();
  const connection: ImportOptions['connection'] = {
    createMailbox: async () => undefined,
    listMailboxes: async () => ({ mailboxes: [] }),
    append: (message) => append(message, stop),
  };
  const source = await mboxSource(mbox, 'INBOX');
  return await runImport({
    connection,
    source,
    user: 'ada',
    parallel,
    signal: stop.signal,
    onProgress: () => undefined,
  });
}

test('interrupted in the middle of the file, it ends after what is under way and counts it', async () => {
  const sizes: number[] = [];
  let underWay = 0;
  const counts = await imported(async (message, stop) => {
    underWay += 1;
    stop.abort();
    await pause(20);
    sizes.push(message.bytes.length);
    underWay -= 1;
    return { kind: 'stored', uid: sizes.length };
  });
  expect(underWay).toBe(0);
  expect(counts).toMatchObject({ stored: sizes.length, failures: [] });
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.length).toBeLessThan(ENTRIES);
  // Whole messages only: with CRLF, one octet more a line.
  const whole = `Subject: 0\r\n\r\n${BODY.replaceAll('\n', '\r\n')}`.length;
  expect(new Set(sizes)).toEqual(new Set([whole]));
});

test('interrupted while nobody can write, it ends without a failure', async () => {
  const counts = await imported(async (_, stop) => {
    setTimeout(() => stop.abort(), 10);
    return { kind: 'unavailable', reason: 'no writer' };
  });
  expect(counts).toMatchObject({ stored: 0, failures: [] });
});

test('a failure ends it, after what is under way, and is what the caller gets', async () => {
  let [begun, ended] = [0, 0];
  const importing = imported(async () => {
    begun += 1;
    const first = begun === 1;
    // The second is under way when the first one fails.
    while (first && begun < 2) await pause(1);
    if (!first) await pause(50);
    ended += 1;
    if (first) throw new CliError('no room');
    return { kind: 'stored', uid: ended };
  });
  await expect(importing).rejects.toThrow('no room');
  expect(ended).toBe(begun);
  expect(begun).toBeLessThan(ENTRIES);
});
