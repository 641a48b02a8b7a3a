import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { COMMAND_PATH, CommandFailure, CommandResult, type SignedCommand } from '#contract/agent-command.ts';
import type { ClusterName } from '#contract/names.ts';
import { sign } from '#contract/signature.ts';
import { requestJson } from '../http/json-request.ts';
import { shaped } from '../http/shaped.ts';
import type { MemberOutcome, MemberRequest } from '../ports.ts';

export type CommandRoute = {
  readonly cluster: ClusterName;
  readonly agentUrl: string;
  readonly key: JWK;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/**
 * A command that arrives later than this after its deadline is refused by the agent: it was given up long ago. Two clocks
 * are compared, which may differ by as much before commands are refused that were in time.
 */
const GRACE_MS = 5_000;

/** Sends one signed command to an agent and reads its answer. Every failure is a value. */
export async function sendCommand(request: MemberRequest, route: CommandRoute): Promise<MemberOutcome> {
  const payload: SignedCommand = {
    id: randomUUID(),
    cluster: route.cluster,
    partition: request.partition,
    member: request.member,
    epoch: request.epoch,
    expiresAt: Math.ceil(route.now + request.deadlineMs + GRACE_MS),
    command: request.command,
  };
  const answer = await requestJson({
    method: 'POST',
    url: new URL(COMMAND_PATH, route.agentUrl),
    body: { command: await sign(payload, 'command', route.key) },
    deadlineMs: request.deadlineMs,
    signal: request.signal,
  });
  if (!answer.answered) {
    return { ok: false, failure: 'unreachable', code: answer.failure, message: answer.message };
  }
  const result = answer.status === 200 ? shaped(CommandResult, answer.body) : null;
  if (result !== null) return { ok: true, result };
  const failure = shaped(CommandFailure, answer.body) ?? { code: `Http${answer.status}`, message: 'unknown answer' };
  return { ok: false, failure: kindOf(answer.status, failure.code), ...failure };
}

function kindOf(status: number, code: string): 'stale' | 'impossible' | 'failed' | 'invalid' {
  if (status === 409) return 'stale';
  // Given up for another command: that says nothing of the member, and it may be asked again.
  if (code === 'Superseded') return 'failed';
  if (status === 422) return 'impossible';
  return status >= 500 ? 'failed' : 'invalid';
}
