import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AuditEvent, isWrite, readAuditLog } from './audit-log.ts';

const event = (verb: string): AuditEvent => ({
  verb,
  user: { username: 'operator' },
  requestURI: '/',
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
});

test('a line that is still being written is not there yet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  try {
    const file = join(folder, 'audit.log');
    await writeFile(file, `${JSON.stringify(event('get'))}\n${JSON.stringify(event('patch'))}\n{"verb":"upd`);
    const events = await readAuditLog(file);
    expect(events.map(isWrite)).toEqual([false, true]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
