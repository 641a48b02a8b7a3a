import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentReport, BEATING_STREAM_TYPE, STREAM_PATH, STREAM_TYPE } from '#contract/agent-report.ts';
import { Beat } from '#contract/beat.ts';
import { linesOf } from '#runtime/lines-of.ts';
import { type RunningMember, type RunningMembers, startMembers } from '../test-support/start-members.ts';

/** What an agent says to readers of this version and of the one before. No server is needed. */
let running: RunningMembers;
let member: RunningMember;

beforeAll(async () => {
  running = await startMembers({ members: 1 });
  [member] = running.members as [RunningMember];
});
afterAll(() => running?.stop());

const WITHIN_MS = 20_000;

type Heard = { readonly type: string | undefined; readonly lines: readonly unknown[] };

/** The first lines, each confirmed. */
async function listen(accept: Readonly<Record<string, string>>, count: number): Promise<Heard> {
  const headers = { authorization: `Bearer ${running.token}`, 'content-type': STREAM_TYPE, ...accept };
  const signal = AbortSignal.timeout(WITHIN_MS);
  const url = new URL(STREAM_PATH, member.agentUrl);
  const outgoing = request(url, { method: 'POST', headers, signal, agent: false });
  outgoing.flushHeaders();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  const lines: unknown[] = [];
  for await (const line of linesOf(response)) {
    const said = JSON.parse(line) as { readonly beat?: number; readonly sequence?: number };
    lines.push(said);
    if (lines.length === count) break;
    outgoing.write(`${JSON.stringify({ heard: said.beat ?? said.sequence })}\n`);
  }
  outgoing.destroy();
  return { type: response.headers['content-type'], lines };
}

test('who asks for beats is told the first report whole, and then that nothing is new', async () => {
  const { type, lines } = await listen({ accept: BEATING_STREAM_TYPE }, 3);
  expect(type).toBe(BEATING_STREAM_TYPE);
  const [first, ...beats] = lines;
  expect(Value.Check(AgentReport, first)).toBe(true);
  for (const beat of beats) expect(Value.Check(Beat, beat)).toBe(true);
  const { sequence } = first as AgentReport;
  expect(beats).toEqual([
    { beat: sequence + 1, since: sequence },
    { beat: sequence + 2, since: sequence },
  ]);
});

test('who does not ask is told reports', async () => {
  const { type, lines } = await listen({}, 3);
  expect(type).toBe(STREAM_TYPE);
  for (const line of lines) expect(Value.Check(AgentReport, line)).toBe(true);
});
