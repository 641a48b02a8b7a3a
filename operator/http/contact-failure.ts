import type { ContactFailure } from '../ports.ts';

const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * How an attempt to reach another process ended. A refusal means that the host is there and the process is not; what
 * cannot be told apart counts as silence, the softest evidence.
 */
export function contactFailure(error: unknown): ContactFailure {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (code === 'ECONNREFUSED') return 'refused';
    if (typeof code === 'string' && RESET.has(code)) return 'reset';
  }
  return 'timeout';
}
