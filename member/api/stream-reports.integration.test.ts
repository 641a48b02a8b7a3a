import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentReport, STREAM_PATH } from '#contract/agent-report.ts';
import { Beat } from '#contract/beat.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import { openChannel } from '#runtime/channel/open-channel.ts';
import { type RunningMember, type RunningMembers, startMembers } from '../test-support/start-members.ts';

/** What an agent says, and to whom. No server is needed. */
let running: RunningMembers;
let member: RunningMember;

beforeAll(async () => {
  running = await startMembers({ members: 1 });
  [member] = running.members as [RunningMember];
});
afterAll(() => running?.stop());

const WITHIN_MS = 20_000;

const open = async (token = running.token): Promise<LineChannel> =>
  await openChannel({
    url: new URL(STREAM_PATH, member.agentUrl),
    headers: { authorization: `Bearer ${token}` },
    deadlineMs: WITHIN_MS,
    signal: AbortSignal.timeout(WITHIN_MS),
  });

test('the first report is told whole, and then that nothing is new', async () => {
  const channel = await open();
  const lines: unknown[] = [];
  await channel
    .read((line) => {
      const said = JSON.parse(line) as { readonly beat?: number; readonly sequence?: number };
      lines.push(said);
      channel.send(JSON.stringify({ heard: said.beat ?? said.sequence }));
      if (lines.length === 3) channel.close();
    })
    .catch(() => undefined);
  const [first, ...beats] = lines;
  expect(Value.Check(AgentReport, first)).toBe(true);
  for (const beat of beats) expect(Value.Check(Beat, beat)).toBe(true);
  const { sequence } = first as AgentReport;
  expect(beats).toEqual([
    { beat: sequence + 1, since: sequence },
    { beat: sequence + 2, since: sequence },
  ]);
});

test('without the token nothing is told', async () => {
  await expect(open('wrong')).rejects.toThrow('HTTP 401');
});

test('whoever confirms what was not said in this shape is given up', async () => {
  for (const line of ['{"heard":"1"}', 'no JSON', 'x'.repeat(10_000)]) {
    const channel = await open();
    channel.send(line);
    await channel.read(() => undefined);
    expect(channel.isClosed).toBe(true);
  }
});

test('whoever confirms nothing is given up after ten seconds', async () => {
  const channel = await open();
  const began = performance.now();
  await channel.read(() => undefined);
  expect(performance.now() - began).toBeGreaterThan(9_000);
});
