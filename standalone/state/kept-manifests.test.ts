import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadManifests } from '../manifests/load-manifests.ts';
import { forbiddenChanges } from './kept-manifests.ts';

const file = join(import.meta.dirname, '../example/mail.yaml');
const original = readFileSync(file, 'utf8');

function load(text: string) {
  const loaded = loadManifests([{ file, text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.manifests;
}
const changes = (...edits: readonly (readonly [string, string])[]): readonly string[] =>
  forbiddenChanges(load(original), load(edits.reduce((text, [from, to]) => text.replace(from, to), original)));

test('what may change between two starts', () => {
  expect(changes()).toEqual([]);
  expect(
    changes(
      ['replicas: 2', 'replicas: 5'],
      ['writeHold: 15s', 'writeHold: 9s'],
      ['mode: Async', 'mode: Async\n    whenDegraded: Async'],
    ),
  ).toEqual([]);
});

test('slots that move would hide the mail in them', () => {
  expect(changes(['[0-511]', '[0-499]'], ['[512-1023]', '[500-1023]'])).toEqual([
    'MailboxPartition users-a: spec.holds.slots: 12 slots, from 500 on, are no longer held: mail in them would vanish',
  ]);
});

test('a shared namespace that nobody holds any more would hide the mail in it', () => {
  const shared = original.replace('slots: [0-511]', 'slots: [0-511]\n    namespaces: [Shared, News]');
  const fewer = original.replace('slots: [0-511]', 'slots: [0-511]\n    namespaces: [News]');
  expect(forbiddenChanges(load(original), load(shared))).toEqual([]);
  expect(forbiddenChanges(load(shared), load(fewer))).toEqual([
    'MailboxPartition users-a: spec.holds.namespaces: Shared is no longer held: mail in it would vanish',
  ]);
});

test('a partition that is missing, another number of instances, another database', () => {
  expect(changes(['name: users-b', 'name: users-c'])).toEqual([
    'MailboxPartition users-b: missing: its mailboxes would be out of reach',
  ]);
  expect(changes(['instances: 3', 'instances: 5'])).toEqual([
    'MailboxPartition users-a: spec.repository.managed.instances: was 3, is 5: changing it is not supported in this version',
  ]);
  expect(changes(['engine: postgresql', 'engine: postgresql\n    database: other'])).toEqual([
    'MailboxPartition users-a: spec.repository.database: database cannot be changed',
  ]);
});

test('the folder of another cluster', () => {
  const other = original
    .replace('name: mail\nspec', 'name: post\nspec')
    .replaceAll('clusterRef:\n    name: mail', 'clusterRef:\n    name: post');
  expect(forbiddenChanges(load(original), load(other))).toEqual(['it belongs to ImapCluster mail, not post']);
});
