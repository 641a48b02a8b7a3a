/**
 * The server has refused a statement. Those behind it in the same batch were not run; those before it stay as they are, in
 * the open transaction.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** See error-codes.ts. */
  readonly errno: number;
  readonly sqlState: string;
  /** Which of the batch, by place; 0 where it was alone. -1: none, the session itself was refused. */
  readonly at: number;
  /** The same by its name. */
  readonly statement: string;

  constructor(
    message: string,
    of: ErrorOptions & {
      readonly errno: number;
      readonly sqlState: string;
      readonly at: number;
      readonly statement: string;
    },
  ) {
    super(message, of);
    this.errno = of.errno;
    this.sqlState = of.sqlState;
    this.at = of.at;
    this.statement = of.statement;
  }
}

/** The connection is gone, or was not to be had. What was under way may have happened. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What the driver makes of an answer of the server; of anything else it has no `sqlState`. */
type DriverError = Error & { readonly errno?: unknown; readonly sqlState?: unknown; readonly code?: unknown };

/** @param at the statement that was under way, and its name */
export function errorOf(
  cause: unknown,
  at: { readonly index: number; readonly name: string },
): ServerError | ConnectionLost {
  const { errno, sqlState, message, code } = cause as DriverError;
  // The driver has put all that was sent into it: messages as a whole, for whoever writes the error down.
  Reflect.deleteProperty(cause as DriverError, 'sql');
  if (typeof errno === 'number' && typeof sqlState === 'string') {
    return new ServerError(`${at.name}: ${message}`, { cause, errno, sqlState, at: at.index, statement: at.name });
  }
  return new ConnectionLost(typeof code === 'string' && !message.includes(code) ? `${message} (${code})` : message, {
    cause,
  });
}
