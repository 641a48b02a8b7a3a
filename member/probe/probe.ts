import type { AgentReport } from '#contract/agent-report.ts';
import type { Observation } from '#database/observation.ts';
import type { Engine } from '../engine.ts';

export type ProbeState = AgentReport['probe'];

export const noProbe: ProbeState = { consecutiveFailures: 0, failure: null, message: null, latencyMs: null };

export type ProbeRound =
  | { readonly ok: true; readonly latencyMs: number; readonly observation: Observation }
  | { readonly ok: false; readonly error: unknown };

/**
 * Asks the server in two ways at once, over the address that imapd uses: a session that is kept, and a new connection.
 * A server whose main process hangs still answers old sessions; one whose sessions hang still makes new ones.
 */
export async function probe(engine: Engine, timeoutMs: number): Promise<ProbeRound> {
  const begin = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const [greeting, asked] = await Promise.allSettled([engine.greet(signal), engine.observe(signal)]);
  if (greeting.status === 'rejected') return { ok: false, error: greeting.reason };
  if (asked.status === 'rejected') return { ok: false, error: asked.reason };
  return { ok: true, latencyMs: performance.now() - begin, observation: asked.value };
}

/** Counts a round. */
export function afterRound(before: ProbeState, round: ProbeRound, engine: Engine): ProbeState {
  if (round.ok) return { ...noProbe, latencyMs: Math.round(round.latencyMs * 10) / 10 };
  return {
    consecutiveFailures: before.consecutiveFailures + 1,
    failure: engine.failureOf(round.error),
    message: round.error instanceof Error ? round.error.message : String(round.error),
    latencyMs: null,
  };
}
