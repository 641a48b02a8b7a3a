import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { unsupportedFields } from '#crds/rules/unsupported-fields.ts';
import { manifestOf } from '#crds/test-support/manifest.ts';
import type { Patch } from '#crds/test-support/rule-examples.ts';
import { checkObject } from './check-object.ts';
import { parseManifestFile } from './manifest-document.ts';

// Promise: a field whose behaviour is not built is refused by name, and never silently ignored. One manifest for each.

type KindName = keyof typeof unsupportedFields;

const asking: Readonly<Record<KindName, Readonly<Record<string, Patch>>>> = {
  ImapCluster: {
    'spec.image': { 'spec.image': 'registry.example.org/imapd:1' },
    'spec.resources': { 'spec.resources': { limits: { memory: '1Gi' } } },
    'spec.service.type': { 'spec.service.type': 'LoadBalancer' },
    'spec.service.annotations': { 'spec.service.annotations': { 'example.org/pool': 'mail' } },
  },
  MailboxPartition: {
    'spec.repository.members.podRef': {
      'spec.repository.managed': undefined,
      'spec.repository.members': [0, 1, 2].map((index) => ({ name: `m${index}`, host: 'db', podRef: { name: 'pod' } })),
      'spec.repository.credentialsSecretRef': { name: 'administrator' },
    },
    'spec.repository.managed.resources': { 'spec.repository.managed.resources': { requests: { cpu: '2' } } },
    'spec.repository.managed.storage.storageClassName': {
      'spec.repository.managed.storage.storageClassName': 'fast',
    },
    'spec.repository.managed.image': { 'spec.repository.managed': { image: 'postgres:17.2', majorVersion: 17 } },
    'spec.repository.managed.reclaim': { 'spec.repository.managed.reclaim': 'Delete' },
  },
};

const kinds = Object.keys(unsupportedFields) as readonly KindName[];
const cases = kinds.flatMap((kind) => Object.entries(asking[kind]).map(([path, patch]) => ({ kind, path, patch })));

function mistakesOf(kind: KindName, patch: Patch): readonly string[] {
  const [document] = parseManifestFile('x.yaml', stringify(manifestOf(kind, patch))).documents;
  const result = checkObject(document!);
  return result.ok ? [] : result.mistakes.map(({ path, message }) => `${path}: ${message}`);
}

test.each(kinds)('every field of a %s that is not built has a manifest that asks for it', (kind) => {
  const fields = unsupportedFields[kind].map(({ path }) => path.join('.'));
  expect(Object.keys(asking[kind])).toEqual(fields);
});

test.each(cases)('$kind: $path', ({ kind, path, patch }) => {
  const name = path.split('.').at(-1);
  const says = new RegExp(`^${path.replaceAll('.', '\\.')}: ${name} is not supported in this version: .+`);
  expect(mistakesOf(kind, patch)).toEqual([expect.stringMatching(says)]);
});

test.each(kinds)('a %s that asks for none of it is taken', (kind) => {
  expect(mistakesOf(kind, {})).toEqual([]);
});
