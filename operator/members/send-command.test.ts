import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { clusterName, memberName, partitionName } from '#contract/names.ts';
import { generateSigningKey } from '#contract/signature.ts';
import { sendCommand } from './send-command.ts';

test.each([
  [409, 'StaleEpoch', 'stale'],
  [422, 'Diverged', 'impossible'],
  // It says nothing of what the member can do.
  [422, 'Superseded', 'failed'],
  [500, 'DiskFull', 'failed'],
  [400, 'BadPayload', 'invalid'],
])('%d %s: %s', async (status, code, failure) => {
  const agent = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message: 'so' }));
  });
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  const { privateJwk } = await generateSigningKey('test');
  const agentUrl = `http://127.0.0.1:${(agent.address() as AddressInfo).port}`;
  const to = { partition: partitionName('users-a'), member: memberName('a0') };
  const request = { ...to, epoch: 1, command: { kind: 'detach' } as const, deadlineMs: 5_000 };
  const route = { cluster: clusterName('mail'), agentUrl, key: privateJwk, now: 0 };
  expect(await sendCommand(request, route)).toEqual({ ok: false, failure, code, message: 'so' });
  agent.close();
});
