import { expect, test } from 'vitest';
import { ConnectionLost, ServerError } from '#database/mysql/connection/server-error.ts';
import { CredentialsProblem } from '../sql-credentials.ts';
import type { SqlFailure } from '../sql-failure.ts';
import { NotFit } from './fitness/not-fit.ts';
import { mysqlFailure } from './mysql-failure.ts';

const answer = (errno: number): ServerError =>
  new ServerError('no', { errno, sqlState: 'HY000', at: -1, statement: 'sign-in' });
const lost = (code: string): ConnectionLost =>
  new ConnectionLost('lost', { cause: Object.assign(new Error('lost'), { code }) });

test.each<[string, unknown, Pick<SqlFailure, 'kind' | 'meaning'>]>([
  ['nobody listens', lost('ECONNREFUSED'), { kind: 'refused', meaning: null }],
  ['hung up', lost('ECONNRESET'), { kind: 'reset', meaning: null }],
  ['hung up, as the driver puts it', lost('PROTOCOL_CONNECTION_LOST'), { kind: 'reset', meaning: null }],
  ['no answer', new DOMException('late', 'TimeoutError'), { kind: 'timeout', meaning: null }],
  ['no such name', lost('ENOTFOUND'), { kind: 'timeout', meaning: null }],
  ['a complaint', answer(1040), { kind: 'sql', meaning: null }],
  ['it stops', answer(1053), { kind: 'sql', meaning: 'passing' }],
  ['a wrong password', answer(1045), { kind: 'sql', meaning: 'refused' }],
  ['not from here', answer(1130), { kind: 'sql', meaning: 'refused' }],
  ['no proof of who it is', lost('CERT_HAS_EXPIRED'), { kind: 'sql', meaning: null }],
  ['nobody to sign in as', new CredentialsProblem('no Secret'), { kind: 'sql', meaning: null }],
])('evidence: %s', (_, error, expected) => {
  expect(mysqlFailure(error)).toMatchObject(expected);
});

test('what is to be mended before anything is seen comes along', () => {
  const unfit = { code: 'RightsMissing', message: 'GRANT …' } as const;
  expect(mysqlFailure(new NotFit(unfit))).toMatchObject({ kind: 'sql', unfit });
});
