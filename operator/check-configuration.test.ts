import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { checkConfiguration } from './check-configuration.ts';
import { OperatorConfiguration } from './configuration.ts';

type Change = { readonly image?: string; readonly mysql?: string; readonly renewDeadlineMs?: number };

function check({ image = 'postgres:18', mysql = 'mysql:9.7', renewDeadlineMs = 3_500 }: Change): void {
  const written = {
    identity: 'operator-0',
    lease: { namespace: 'system', name: 'operator', renewDeadlineMs },
    images: {
      imapd: 'imapd:1',
      member: 'member:1',
      postgres: { image, majorVersion: 18 },
      mariadb: { image: 'mariadb:11.8', majorVersion: 11 },
      mysql: { image: mysql, majorVersion: 9 },
    },
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
  { change: { mysql: 'mysql' }, says: '/images/mysql/image: mysql may be another major version' },
])('$change is refused', ({ change, says }) => {
  expect(() => check(change)).toThrow(says);
});

test('all mistakes are told at once', () => {
  expect(() => check({ image: 'postgres', renewDeadlineMs: 9_000 })).toThrow(/renewDeadlineMs.*\n.*postgres/);
});
