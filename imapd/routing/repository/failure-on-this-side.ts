import { tlsRefusal } from '#database/tls/tls-refusal.ts';
import { EpochOver, type Failure, NotWritable, type WriterFailure, WrongEpoch } from './failure.ts';
import { NoAnswerInTime } from './patience.ts';
import { NotSignedIn } from './sign-in.ts';

const evidenceOfCode: Readonly<Record<string, WriterFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  ENETUNREACH: 'timeout',
  ENOTFOUND: 'timeout',
  EAI_AGAIN: 'timeout',
};

/** What an error says that is ours or the kernel's; null where its words are the server's or the driver's. */
export function failureOnThisSide(error: unknown): Failure | null {
  if (error instanceof WrongEpoch || error instanceof NotWritable) return { kind: 'member', evidence: 'sql' };
  if (error instanceof EpochOver) return { kind: 'member', evidence: 'reset' };
  if (error instanceof NotSignedIn) return { kind: 'busy' };
  if (error instanceof NoAnswerInTime) return { kind: 'member', evidence: 'timeout' };
  // Somebody answers there, who may be anybody: no proof that the member is dead.
  if (tlsRefusal(error) !== null) return { kind: 'member', evidence: 'sql' };
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const evidence = evidenceOfCode[code];
  if (evidence !== undefined) return { kind: 'member', evidence };
  return /timeout/i.test(error.message) ? { kind: 'member', evidence: 'timeout' } : null;
}
