import { expect, test } from 'vitest';
import { ConnectionLost, ServerError } from '#database/mysql/connection/server-error.ts';
import { ServerUnfit } from '#database/mysql/connection/session-settings.ts';
import { type ErrorCode, errorCodes } from '#database/mysql/error-codes.ts';
import { isPasswordRefused } from '#database/mysql/password-refused.ts';
import { EpochOver, NotWritable, WrongEpoch } from '../repository/failure.ts';
import { NotSignedIn } from '../repository/sign-in.ts';
import { classifyFailure } from './classify-failure.ts';

const refused = (name: ErrorCode, at = 0): ServerError =>
  new ServerError(name, { errno: errorCodes[name], sqlState: 'HY000', at, statement: 'test' });
const said = (errno: number, message: string): ServerError =>
  new ServerError(message, { errno, sqlState: 'HY000', at: 0, statement: 'test' });
const system = (code: string): Error => Object.assign(new Error('from the kernel'), { code });
const lost = (cause?: Error): ConnectionLost => new ConnectionLost('lost', cause === undefined ? {} : { cause });

test.each([
  [system('ECONNREFUSED'), { kind: 'member', evidence: 'refused' }],
  [lost(system('ECONNREFUSED')), { kind: 'member', evidence: 'refused' }],
  [lost(lost(system('ETIMEDOUT'))), { kind: 'member', evidence: 'timeout' }],
  [lost(system('PROTOCOL_CONNECTION_LOST')), { kind: 'member', evidence: 'reset' }],
  [lost(), { kind: 'member', evidence: 'reset' }],
  [new EpochOver('its connections are closed'), { kind: 'member', evidence: 'reset' }],
  [new WrongEpoch(2, 1), { kind: 'member', evidence: 'sql' }],
  [new NotWritable('fenced'), { kind: 'member', evidence: 'sql' }],
  [new ServerUnfit('max_allowed_packet'), { kind: 'member', evidence: 'sql' }],
  [refused('readOnlyServer'), { kind: 'member', evidence: 'sql' }],
  [refused('readOnlyTransaction'), { kind: 'member', evidence: 'sql' }],
  [refused('accountLockedMariadb', -1), { kind: 'member', evidence: 'sql' }],
  [refused('accountLockedMysql', -1), { kind: 'member', evidence: 'sql' }],
  [refused('sessionKilledMariadb'), { kind: 'member', evidence: 'sql' }],
  [refused('idleTooLong'), { kind: 'member', evidence: 'sql' }],
  [refused('pluginMissing', -1), { kind: 'member', evidence: 'sql' }],
  [refused('deadlock'), { kind: 'race' }],
  [refused('lockWaitTimeout'), { kind: 'race' }],
  [refused('recordChanged'), { kind: 'race' }],
  [refused('tooManyConnections', -1), { kind: 'busy' }],
  [new NotSignedIn('no such file'), { kind: 'busy' }],
  [refused('tableFull'), { kind: 'full' }],
  [refused('errorWritingFile'), { kind: 'full' }],
  [said(1, `Can't create/write to file '/data.tmp/#sql1' (Errcode: 28 "No space left on device")`), { kind: 'full' }],
  [said(1030, 'Got error 28 from storage engine'), { kind: 'full' }],
  [said(1030, 'Got error 122 from storage engine'), { kind: 'statement' }],
  [refused('duplicateKey'), { kind: 'statement' }],
  [refused('noSuchTable'), { kind: 'statement' }],
  [refused('interrupted'), { kind: 'statement' }],
  [new TypeError('a mistake of ours'), { kind: 'statement' }],
  ['not even an error', { kind: 'statement' }],
])('%s', (error, expected) => {
  expect(classifyFailure(error)).toEqual(expected);
});

test('a refused password is no failure of the member', () => {
  expect(isPasswordRefused(refused('passwordRefused', -1))).toBe(true);
  expect(isPasswordRefused(refused('accountLockedMysql', -1))).toBe(false);
});
