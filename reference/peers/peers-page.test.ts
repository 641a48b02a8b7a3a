import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilityTable } from '#imapd/commands/any-state/capability-table.ts';
import { capabilityTests } from './capability-tests.ts';
import { lookedFor } from './looked-for.ts';
import { peers, peersPage, testOf, wordOf } from './peers-page.ts';

// Promise: the page leaves no capability of ours out, each is backed by a test that is there, and nothing is said of a peer that
// nobody looked for.

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reference/peers.md'), 'utf8');
const capabilities = capabilityTable.map(({ name }) => name);

test.each(capabilities)('%s is on the page, with a test that is there', (name) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row, 'npm run generate').toContain(`yes: \`${testOf(name)}\``);
  expect(existsSync(join(root, testOf(name))), `${testOf(name)}: see reference/peers/capability-tests.ts`).toBe(true);
});

test('no capability is named in the list of tests that is not ours', () => {
  expect(Object.keys(capabilityTests).filter((name) => !(capabilities as readonly string[]).includes(name))).toEqual(
    [],
  );
});

test.each(peers)('what is said of $name was looked for in all', ({ has, but }) => {
  expect([...has, ...Object.keys(but)].filter((name) => !lookedFor.has(name))).toEqual([]);
  expect(has.filter((name) => name in but)).toEqual([]);
});

test.each(peers)('$name: a new capability is unknown, one with a value is known by its name', (peer) => {
  expect(wordOf(peer, 'X-NEVER-HEARD-OF')).toBe('?');
  expect(wordOf(peer, 'RIGHTS=texk')).toBe(wordOf(peer, 'RIGHTS'));
  expect(wordOf(peer, 'THREAD=REFERENCES')).not.toBe('?');
});

test('every peer says where its capabilities were read', () => {
  for (const { sources } of peers) for (const source of sources) expect(peersPage()).toContain(source);
});
