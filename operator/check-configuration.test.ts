import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { checkConfiguration } from './check-configuration.ts';
import { OperatorConfiguration } from './configuration.ts';

function check(change: { readonly image?: string; readonly renewDeadlineMs?: number }): void {
  const { image = 'postgres:18', renewDeadlineMs = 3_500 } = change;
  const written = {
    identity: 'operator-0',
    lease: { namespace: 'system', name: 'operator', renewDeadlineMs },
    images: { imapd: 'imapd:1', member: 'member:1', postgres: { image, majorVersion: 18 } },
  };
  const configuration = Value.Parse(OperatorConfiguration, Value.Default(OperatorConfiguration, written));
  checkConfiguration(configuration, 'operator.json');
}

test.each([{}, { image: 'registry.example:5000/postgres@sha256:0a' }, { renewDeadlineMs: 4_999 }])(
  '%j is taken',
  (change) => {
    expect(() => check(change)).not.toThrow();
  },
);

test.each([
  { change: { renewDeadlineMs: 5_000 }, says: '/lease/renewDeadlineMs: not below durationSeconds' },
  {
    change: { image: 'postgres:latest' },
    says: '/images/postgres/image: postgres:latest may be another major version',
  },
  { change: { image: 'registry.example:5000/postgres' }, says: '/images/postgres/image' },
])('$change is refused', ({ change, says }) => {
  expect(() => check(change)).toThrow(says);
});

test('all mistakes are told at once', () => {
  expect(() => check({ image: 'postgres', renewDeadlineMs: 9_000 })).toThrow(/renewDeadlineMs.*\n.*postgres/);
});
