import { Value } from 'typebox/value';
import { beforeEach, expect, test } from 'vitest';
import { FailedLogins, MAX_FAILED_LOGINS } from './failure-hints.ts';
import { FailureLedger } from './failure-ledger.ts';

let now: number;
let ledger: FailureLedger;

beforeEach(() => {
  now = 0;
  ledger = new FailureLedger({ now: () => now, delayMs: 500, maxDelayMs: 8_000, maxFailures: 6, windowMs: 60_000 });
});

test('each failure waits twice as long, up to a bound', () => {
  const delays = Array.from({ length: 6 }, () => ledger.failed('192.0.2.1', 'ada'));
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
});

test('too many failures shut the source out, not the user', () => {
  for (let i = 0; i < 6; i += 1) ledger.failed('192.0.2.1', 'ada');
  expect(ledger.refuses('192.0.2.1', 'ada')).toBe(true);
  expect(ledger.refuses('192.0.2.2', 'ada')).toBe(false);
  expect(ledger.refuses('192.0.2.1', 'bob')).toBe(false);
  now = 60_001;
  expect(ledger.refuses('192.0.2.1', 'ada')).toBe(false);
});

test('success forgets', () => {
  ledger.failed('192.0.2.1', 'ada');
  ledger.succeeded('192.0.2.1', 'ada');
  expect(ledger.failed('192.0.2.1', 'ada')).toBe(500);
});

test('a whole IPv6 network is one source', () => {
  ledger.failed('2001:db8:1:2:aaaa::1', 'ada');
  expect(ledger.failed('2001:db8:1:2::2', 'ada')).toBe(1_000);
  expect(ledger.failed('2001:db8:1:3::2', 'ada')).toBe(500);
});

test('a guesser with endless names does not fill the memory', () => {
  for (let i = 0; i < 50_000; i += 1) ledger.failed('192.0.2.1', `guess-${i}`);
  expect(ledger.size).toBe(20_000);
  expect(ledger.failed('192.0.2.1', 'guess-49999')).toBe(1_000);
});

test('what other processes count is counted, and told once: not back to them', () => {
  const told: string[] = [];
  const hints = { failed: (key: string) => told.push(`+ ${key}`), succeeded: (key: string) => told.push(`- ${key}`) };
  const ledger = new FailureLedger({ now: () => 0, delayMs: 1, maxDelayMs: 100, maxFailures: 3, windowMs: 10, hints });
  ledger.failed('192.0.2.1', 'ada');
  const [key = ''] = told.map((each) => each.slice(2));
  ledger.heard({ key, forget: false, failures: 2 });
  expect(ledger.refuses('192.0.2.1', 'ada')).toBe(true);
  expect(ledger.refuses('192.0.2.2', 'ada')).toBe(false);
  ledger.heard({ key, forget: true, failures: 2 });
  expect(ledger.refuses('192.0.2.1', 'ada')).toBe(false);
  ledger.heard({ key, forget: true, failures: 0 });
  ledger.succeeded('192.0.2.1', 'ada');
  ledger.failed('192.0.2.1', 'ada');
  ledger.succeeded('192.0.2.1', 'ada');
  expect(told).toEqual([`+ ${key}`, `+ ${key}`, `- ${key}`]);
});

test('names of any length make pairs of one length: a full hint is taken by the other side', () => {
  const keys: string[] = [];
  const hints = { failed: (key: string) => keys.push(key), succeeded: () => undefined };
  const ledger = new FailureLedger({ now: () => 0, delayMs: 1, maxDelayMs: 100, maxFailures: 3, windowMs: 10, hints });
  const addresses = ['2001:0db8:1111:2222:3333:4444:5555:6666', '192.0.2.1', '::ffff:192.0.2.1'];
  for (let i = 0; i < 1_000; i++) ledger.failed(addresses[i % 3] ?? '', `${i}${'\u0001'.repeat(64 * 1024)}`);
  const changes = keys.map((key) => ({ key, forget: false, failures: Number.MAX_SAFE_INTEGER }));
  expect(new Set(keys).size).toBe(1_000);
  expect(Value.Check(FailedLogins, { changes })).toBe(true);
  expect(JSON.stringify({ changes }).length).toBeLessThan(MAX_FAILED_LOGINS);
});
