import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STATUS_PATH, STREAM_PATH } from '#contract/agent-report.ts';
import { generateSigningKey, sign } from '#contract/signature.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { AgentClient } from '../test-support/agent-client.ts';
import { type RunningMember, type RunningMembers, startMembers } from '../test-support/start-members.ts';

/** Whom an agent obeys. No server is needed: it has no data yet. */
describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningMembers;
  let member: RunningMember;

  beforeAll(async () => {
    running = await startMembers({ members: 1, engine });
    [member] = running.members as [RunningMember];
  });
  afterAll(() => running?.stop());

  const setPeers = { kind: 'setPeers' as const, peers: [] };

  test('a command of its operator is obeyed, and done once however often it arrives', async () => {
    expect(await member.client.send(1, setPeers)).toEqual({ status: 200, body: { kind: 'setPeers' } });
  });

  test('forged, altered and foreign commands are refused', async () => {
    const stranger = await generateSigningKey('test');
    const forger = new AgentClient(member.client.address, stranger.privateJwk, running.token);
    expect(await forger.send(1, setPeers)).toMatchObject({ status: 400, body: { code: 'BadSignature' } });
    expect(await member.client.post('not.a.jws')).toMatchObject({ status: 400, body: { code: 'BadSignature' } });
    for (const change of [{ member: 'a9' }, { partition: 'users-z' }, { cluster: 'other' }]) {
      const answer = await member.client.send(1, setPeers, change);
      expect(answer).toMatchObject({ status: 400, body: { code: 'WrongMember' } });
    }
    // Signed by the right key, but as something else.
    const heartbeat = await sign({ command: setPeers }, 'heartbeat', running.key.privateJwk);
    expect(await member.client.post(heartbeat)).toMatchObject({ status: 400, body: { code: 'BadSignature' } });
    const shapeless = await sign({ command: setPeers }, 'command', running.key.privateJwk);
    expect(await member.client.post(shapeless)).toMatchObject({ status: 400, body: { code: 'BadPayload' } });
  });

  test('an expired command is not carried out', async () => {
    const answer = await member.client.send(1, setPeers, { expiresAt: Date.now() - 1 });
    expect(answer).toMatchObject({ status: 410, body: { code: 'Expired' } });
  });

  test('a command that is old is no sign of an operator: it may be a recording', async () => {
    const silentSeconds = async (): Promise<number> => {
      const metrics = await (await fetch(new URL('/metrics', member.agentUrl))).text();
      return Number(/^imapcluster_member_operator_silent_seconds\S* (\S+)$/m.exec(metrics)?.[1]);
    };
    expect((await member.client.send(2, setPeers)).status).toBe(200);
    await expect.poll(silentSeconds).toBeGreaterThan(0.2);
    expect((await member.client.send(2, setPeers, { expiresAt: Date.now() - 1 })).status).toBe(410);
    expect((await member.client.send(1, setPeers)).status).toBe(409);
    expect(await silentSeconds()).toBeGreaterThan(0.2);
    const before = await silentSeconds();
    expect((await member.client.send(2, { kind: 'grant' })).status).toBe(422);
    expect(await silentSeconds()).toBeLessThan(before);
  });

  test('what cannot be done in this state is 422', async () => {
    expect(await member.client.send(2, { kind: 'grant' })).toMatchObject({ status: 422, body: { code: 'NotPrimary' } });
    expect(await member.client.send(2, { kind: 'detach' })).toMatchObject({
      status: 422,
      body: { code: 'NotRunning' },
    });
    const nowhere = { member: 'a9', endpoint: { host: '127.0.0.1', port: 1 } };
    const follow = await member.client.send(2, { kind: 'follow', upstream: nowhere });
    expect(follow).toMatchObject({ status: 422, body: { code: 'NoData' } });
    const opened = await member.client.send(2, { kind: 'openForSalvage' });
    expect(opened).toMatchObject({ status: 422, body: { code: 'NoData' } });
    const clone = await member.client.send(2, { kind: 'clone', from: nowhere, wipe: false });
    expect(clone).toMatchObject({ status: 500 });
    expect(await member.client.status()).toMatchObject({ state: 'empty', activity: null });
  });

  test('nobody of an older epoch is obeyed, not even after the agent was killed', async () => {
    expect((await member.client.send(5, setPeers)).status).toBe(200);
    expect(await member.client.send(4, setPeers)).toMatchObject({ status: 409, body: { code: 'StaleEpoch' } });
    await member.killAgent();
    await member.startAgent();
    expect((await member.client.status()).highestEpoch).toBe(5);
    expect(await member.client.send(4, setPeers)).toMatchObject({ status: 409, body: { code: 'StaleEpoch' } });
    expect((await member.client.send(5, setPeers)).status).toBe(200);
  });

  test('reports need the token', async () => {
    for (const path of [STATUS_PATH, STREAM_PATH]) {
      const answer = await fetch(new URL(path, member.agentUrl), { headers: { authorization: 'Bearer wrong' } });
      expect(answer.status).toBe(401);
    }
  });
});
