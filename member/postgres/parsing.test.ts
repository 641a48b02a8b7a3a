import { expect, test } from 'vitest';
import { failureOf } from '#database/postgres/failure-of.ts';
import { scramVerifier } from '#database/postgres/scram-verifier.ts';
import { parseBackupMessage } from './base-backup/backup-message.ts';
import { parseControlFile } from './data-directory/control-file.ts';
import { receiverStartedBy, verdictOfLine } from './log-verdict.ts';

test('messages of a base backup', () => {
  const progress = Buffer.concat([Buffer.from('p'), Buffer.from([0, 0, 0, 1, 0, 0, 0, 2])]);
  expect(parseBackupMessage(progress)).toEqual({ kind: 'progress', bytesDone: 2 ** 32 + 2 });
  expect(parseBackupMessage(Buffer.from('nbase.tar\0\0'))).toEqual({
    kind: 'archive',
    name: 'base.tar',
    tablespace: '',
  });
  expect(parseBackupMessage(Buffer.from('n1234.tar\0/mnt/x\0'))).toMatchObject({ tablespace: '/mnt/x' });
  expect(parseBackupMessage(Buffer.from('d\x00\xff', 'latin1'))).toEqual({
    kind: 'data',
    bytes: Buffer.from([0, 255]),
  });
  expect(parseBackupMessage(Buffer.from('m'))).toEqual({ kind: 'manifest' });
  expect(() => parseBackupMessage(Buffer.from('?'))).toThrow('no message of type 63');
  expect(() => parseBackupMessage(Buffer.alloc(0))).toThrow('no message of type');
});

test('the head of pg_control', () => {
  const bytes = Buffer.alloc(8192);
  bytes.writeBigUInt64LE(7711519912431420612n, 0);
  bytes.writeUInt32LE(1, 16);
  bytes.writeBigUInt64LE(0x1_0300_0060n, 32);
  bytes.writeUInt32LE(4, 48);
  expect(parseControlFile(bytes)).toEqual({
    systemIdentifier: '7711519912431420612',
    primaryShutDown: true,
    checkpoint: '1/3000060',
    timeline: 4,
  });
  bytes.writeUInt32LE(2, 16);
  expect(parseControlFile(bytes).primaryShutDown).toBe(false);
  expect(() => parseControlFile(Buffer.alloc(20))).toThrow('20 bytes');
});

const at = '2026-01-01 00:00:00.000 UTC [4711]';
test.each([
  [
    `${at} FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000003 has already been removed`,
    'LogRemoved',
  ],
  [`${at} DETAIL:  This replication slot has been invalidated due to "wal_removed".`, null],
  [
    `${at} FATAL:  could not start WAL streaming: ERROR:  can no longer access replication slot "member_a1"`,
    'LogRemoved',
  ],
  [
    `${at} LOG:  new timeline 2 forked off current database system timeline 1 before current recovery point 0/3000110`,
    'Diverged',
  ],
  [`${at} FATAL:  database system identifier differs between the primary and standby`, 'Diverged'],
  [`${at} FATAL:  could not connect to the primary server: connection refused`, null],
] as const)('what the log says: %s', (line, expected) => {
  expect(verdictOfLine(line)).toBe(expected);
});

test('a receiver whose upstream has begun to send', () => {
  expect(receiverStartedBy(`${at} LOG:  started streaming WAL from primary at 0/3000000 on timeline 1`)).toBe(4711);
  expect(receiverStartedBy(`${at} LOG:  restarted WAL streaming at 0/3000000 on timeline 2`)).toBe(4711);
  expect(receiverStartedBy(`${at} FATAL:  could not start WAL streaming: ERROR:  replication slot "x"`)).toBeNull();
});

test('hard evidence is told from soft', () => {
  const coded = (code: string): Error => Object.assign(new Error(code), { code });
  expect(failureOf(coded('ECONNREFUSED'))).toBe('refused');
  expect(failureOf(coded('ECONNRESET'))).toBe('reset');
  expect(failureOf(coded('ETIMEDOUT'))).toBe('timeout');
  expect(failureOf(new DOMException('late', 'TimeoutError'))).toBe('timeout');
  expect(failureOf(new Error('Connection terminated unexpectedly'))).toBe('reset');
  expect(failureOf(new Error('Client was closed and is not queryable'))).toBe('reset');
  // Not the server's doing.
  for (const code of ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE', 'ENOBUFS']) {
    expect(failureOf(coded(code))).toBe('timeout');
  }
  expect(failureOf(new DOMException('given up', 'AbortError'))).toBe('timeout');
});

test('a SCRAM verifier has the layout of RFC 5803 and the keys of RFC 7677', () => {
  // Password and salt of the example in RFC 7677.
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});
