import type { SessionState } from './session.ts';

/** What sessions tell of themselves, for metrics. Calls must be cheap and must not throw. */
export interface SessionObserver {
  sessionOpened(): void;
  /** `from` null: the session has just been opened. */
  stateChanged(from: SessionState | null, to: SessionState): void;
  sessionClosed(reason: EndReason): void;
  /** `result` is OK, NO or BAD; `code` the name of the response code, e.g. `UNAVAILABLE`. */
  commandFinished(command: FinishedCommand): void;
  loginFailed(): void;
  /** An admin signed in to act for another user; or somebody tried to. */
  actedFor(result: 'allowed' | 'refused'): void;
  /** A load balancer sent none, or one that cannot be read. */
  proxyHeaderRefused(): void;
}

export type FinishedCommand = {
  /** In capitals; `unknown` for what is no command. */
  readonly name: string;
  readonly result: 'OK' | 'NO' | 'BAD';
  readonly code: string | null;
  readonly seconds: number;
};

/** Why a session ended. */
export type EndReason =
  | 'logout'
  | 'clientGone'
  | 'clientTooSlow'
  | 'idle'
  | 'loginTimeout'
  | 'loginFailures'
  | 'badInput'
  | 'halfResponse'
  | 'expired'
  | 'unserved'
  | 'stopping';
