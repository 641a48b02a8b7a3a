import { tlsRefusal } from '#database/tls/tls-refusal.ts';
import type { ContactFailure } from '../../ports.ts';
import type { Unfit } from './engine-server.ts';
import { CredentialsProblem } from './sql-credentials.ts';

/** How asking a server has failed. `sql`: it answered, with a complaint. */
export type SqlFailure = {
  readonly kind: ContactFailure | 'sql';
  /** The server's, or that of a problem with the credentials; null where there is none. */
  readonly code: string | null;
  readonly message: string;
  /** `passing`: it starts, or stops, and will say what it is afterwards. `refused`: it does not let the administrator in. */
  readonly meaning: 'passing' | 'refused' | null;
  /** What somebody has to mend before it says more. */
  readonly unfit?: Unfit;
};

/** Where nobody could be asked for want of credentials; null: it was not that. */
export const credentialsFailure = (error: unknown): SqlFailure | null =>
  error instanceof CredentialsProblem ? { kind: 'sql', code: error.code, message: error.message, meaning: null } : null;

/**
 * Where a server was told nothing, because it did not prove who it is; null: it was not that. Whoever answers there may be anybody, so
 * it passes for a complaint: nobody is deposed for a certificate that was not renewed.
 */
export function unverifiedFailure(error: unknown): SqlFailure | null {
  const message = tlsRefusal(error);
  if (message === null) return null;
  return { kind: 'sql', code: 'NotVerified', message, meaning: null, unfit: { code: 'NotVerified', message } };
}
