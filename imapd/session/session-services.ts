import type { Logger } from '#runtime/logger.ts';
import type { Capabilities } from '../commands/any-state/capability-table.ts';
import type { Limits } from '../protocol/limits.ts';
import type { OperationId } from '../store/types.ts';
import type { Admission } from './admission.ts';
import type { CommandTable } from './dispatcher.ts';
import type { Peers } from './proxy/peers.ts';
import type { SessionLimits } from './session-limits.ts';
import type { SessionObserver } from './session-observer.ts';
import type { TlsIdentity } from './tls-identity.ts';

/** What all sessions of a process share, whichever port they came in by. */
export type SessionServices = {
  readonly commands: CommandTable;
  readonly capabilities: Capabilities;
  readonly admission: Admission;
  readonly peers: Peers;
  readonly observer: SessionObserver;
  readonly log: Logger;
  /** null: no certificate, neither STARTTLS nor implicit TLS. */
  readonly tls: TlsIdentity | null;
  readonly limits: SessionLimits;
  readonly protocolLimits: Limits;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly newOperation: () => OperationId;
};
