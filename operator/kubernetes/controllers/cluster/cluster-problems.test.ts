import { expect, test } from 'vitest';
import { missingIn } from './certificate-problem.ts';
import { slotsProblem } from './slots-problem.ts';

const tls = { name: 'mail-tls', keys: ['tls.crt', 'tls.key'], what: 'TLS' };
const secret = (data: Readonly<Record<string, string>>) => ({ metadata: { name: 'mail-tls' }, data });

test.each([
  { name: 'no Secret', found: null, words: 'there is no Secret mail-tls' },
  { name: 'nothing in it', found: secret({}), words: 'tls.crt and no tls.key' },
  { name: 'half of it', found: secret({ 'tls.crt': 'eA==' }), words: 'no tls.key' },
])('a certificate: $name', ({ found, words }) => {
  expect(missingIn(found, tls)).toContain(words);
});

test('a certificate that is there', () => {
  expect(missingIn(secret({ 'tls.crt': 'eA==', 'tls.key': 'eA==' }), tls)).toBeNull();
});

test('slots that nobody holds are named, unless there is no partition yet', () => {
  expect(slotsProblem({ slots: [] })).toBeNull();
  expect(slotsProblem({ slots: [{ from: 0, to: 1023, partition: 'a' }] })).toBeNull();
  expect(slotsProblem({ slots: [{ from: 1, to: 1000, partition: 'a' }] })).toContain('0, 1001-1023');
});
