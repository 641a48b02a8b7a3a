/** Every bound on connections and on time, in one place; what a command may hold is bounded in protocol/limits.ts. */
export type SessionLimits = {
  /** Connections of this process, signed in or not. */
  readonly maxSessions: number;
  /** Sessions of one user in this process. */
  readonly maxPerUser: number;
  /** Connections that have not signed in: strangers must not take the room of users. */
  readonly maxStrangers: number;
  /** The same, of one address. Signed-in sessions are not counted by address: thousands may sit behind one NAT. */
  readonly maxStrangersPerAddress: number;
  /** From connecting to having signed in, handshake and all: a login sent octet by octet ends here. */
  readonly loginMs: number;
  /** Silence of a signed-in client; RFC 3501, 5.4: at least 30 minutes. */
  readonly idleMs: number;
  /**
   * Time to take a full output buffer (64 KiB and at most one chunk of a message): whoever takes longer does not read, or
   * at less than 1 KiB/s.
   */
  readonly stalledMs: number;
  /** Commands in a row that are no IMAP: whoever talks so is no mail client. */
  readonly maxBadInARow: number;
  /** Wrong passwords on one connection. */
  readonly maxLoginFailures: number;
  /** How long a closing connection waits for its client to have read the last words. */
  readonly lingerMs: number;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  maxSessions: 5000,
  maxPerUser: 100,
  maxStrangers: 1000,
  maxStrangersPerAddress: 500,
  loginMs: 2 * MINUTE,
  idleMs: 31 * MINUTE,
  stalledMs: 5 * MINUTE,
  maxBadInARow: 20,
  maxLoginFailures: 5,
  lingerMs: 2 * SECOND,
};
