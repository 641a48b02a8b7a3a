import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { CredentialsProblem } from '../sql-credentials.ts';
import { postgresFailure } from './postgres-failure.ts';

const answer = (code: string): DatabaseError => Object.assign(new DatabaseError('no', 2, 'error'), { code });

test.each<[string, unknown, string]>([
  ['nobody listens', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'refused'],
  ['hung up', Object.assign(new Error(), { code: 'ECONNRESET' }), 'reset'],
  ['hung up, as pg puts it', new Error('Connection terminated unexpectedly'), 'reset'],
  ['no answer', new DOMException('late', 'TimeoutError'), 'timeout'],
  ['no way there', Object.assign(new Error(), { code: 'EHOSTUNREACH' }), 'timeout'],
  ['no such name', Object.assign(new Error(), { code: 'ENOTFOUND' }), 'timeout'],
  ['no file descriptor left here', Object.assign(new Error(), { code: 'EMFILE' }), 'timeout'],
  ['a complaint', answer('53300'), 'sql'],
  ['no proof of who it is', Object.assign(new Error(), { code: 'CERT_HAS_EXPIRED' }), 'sql'],
  ['nobody to sign in as', new CredentialsProblem('no Secret'), 'sql'],
])('evidence: %s', (_, error, kind) => {
  expect(postgresFailure(error).kind).toBe(kind);
});
