import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { NotWritable, WrongEpoch } from '../repository/failure.ts';
import { NotSignedIn } from '../repository/sign-in.ts';
import { classifyFailure } from './classify-failure.ts';

function sql(code: string): DatabaseError {
  const error = new DatabaseError('from the server', 0, 'error');
  error.code = code;
  return error;
}
const system = (code: string): Error => Object.assign(new Error('from the kernel'), { code });

test.each([
  [system('ECONNREFUSED'), { kind: 'member', evidence: 'refused' }],
  [system('ECONNRESET'), { kind: 'member', evidence: 'reset' }],
  [system('EHOSTUNREACH'), { kind: 'member', evidence: 'timeout' }],
  [new Error('Connection terminated unexpectedly'), { kind: 'member', evidence: 'reset' }],
  [system('CERT_HAS_EXPIRED'), { kind: 'member', evidence: 'sql' }],
  [new Error('timeout expired'), { kind: 'member', evidence: 'timeout' }],
  [new WrongEpoch(2, 1), { kind: 'member', evidence: 'sql' }],
  [new NotWritable('fenced'), { kind: 'member', evidence: 'sql' }],
  [sql('25006'), { kind: 'member', evidence: 'sql' }],
  [sql('28000'), { kind: 'member', evidence: 'sql' }],
  [sql('57P01'), { kind: 'member', evidence: 'sql' }],
  [sql('08006'), { kind: 'member', evidence: 'sql' }],
  [sql('40P01'), { kind: 'race' }],
  [sql('55P03'), { kind: 'race' }],
  [sql('53300'), { kind: 'busy' }],
  [new NotSignedIn('no such file'), { kind: 'busy' }],
  [sql('53100'), { kind: 'full' }],
  [sql('23505'), { kind: 'statement' }],
  [sql('42P01'), { kind: 'statement' }],
  [new TypeError('a mistake of ours'), { kind: 'statement' }],
  ['not even an error', { kind: 'statement' }],
])('%s', (error, expected) => {
  expect(classifyFailure(error)).toEqual(expected);
});
