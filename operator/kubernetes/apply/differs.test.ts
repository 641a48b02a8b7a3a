import { expect, test } from 'vitest';
import { differs } from './differs.ts';

// Which requests the comparison saves is seen against a real API server; here are the corners.

const fields = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:selector': {},
    'f:ports': {
      'k:{"port":143,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} },
    },
    'f:finalizers': { 'v:"a"': {} },
  },
};
const wanted = {
  metadata: { name: 'x', namespace: 'mail', labels: { app: 'imapd' } },
  spec: { selector: { app: 'imapd' }, ports: [{ port: 143, name: 'imap' }], finalizers: ['a'] },
};
const entry = { manager: 'us', operation: 'Apply', fieldsV1: fields };
const stored = (spec: object = {}, managedFields: readonly object[] = [entry]) => ({
  metadata: { ...wanted.metadata, uid: '1', resourceVersion: '7', managedFields },
  spec: {
    ...wanted.spec,
    ports: [{ port: 143, name: 'imap', protocol: 'TCP', targetPort: 143 }],
    finalizers: ['theirs', 'a'],
    clusterIP: '10.96.0.7',
    ...spec,
  },
});

test('what the server or others added does not count', () => {
  expect(differs(wanted, stored(), 'us')).toBeNull();
});

test('nothing is ours that only others, an update or the status subresource own', () => {
  const others = [
    { ...entry, manager: 'them' },
    { ...entry, operation: 'Update' },
    { ...entry, subresource: 'status' },
  ];
  for (const other of [[], ...others.map((one) => [one])])
    expect(differs(wanted, stored({}, other), 'us')).toBe('.metadata.managedFields');
});

test('an object owned as a whole must be the same as a whole', () => {
  expect(differs(wanted, stored({ selector: { app: 'imapd', further: 'one' } }), 'us')).toBe('.spec.selector');
});

test('items of a list are told apart by their keys, and one too few or too many is noticed', () => {
  const ports = (...some: readonly object[]) => ({ ...wanted, spec: { ...wanted.spec, ports: some } });
  expect(differs(ports(), stored(), 'us')).toBe('.spec.ports');
  expect(differs(ports({ port: 143, name: 'imap' }, { port: 993, name: 'imaps' }), stored(), 'us')).toBe('.spec.ports');
  expect(differs(ports({ port: 993, name: 'imap' }), stored(), 'us')).toContain('.spec.ports[k:');
  expect(differs(ports({ port: 143, name: 'renamed' }), stored(), 'us')).toMatch(/\.name$/);
});

test('a member of a set that somebody took away is noticed', () => {
  expect(differs(wanted, stored({ finalizers: ['theirs'] }), 'us')).toBe('.spec.finalizers[v:"a"]');
});

test('a field that is no longer wanted, and one given as undefined, are to be removed', () => {
  const { selector: _, ...rest } = wanted.spec;
  expect(differs({ ...wanted, ...{ spec: rest } }, stored(), 'us')).toBe('.spec.selector');
  expect(differs({ ...wanted, ...{ spec: { ...wanted.spec, selector: undefined } } }, stored(), 'us')).toBe(
    '.spec.selector',
  );
});
