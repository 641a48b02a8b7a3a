import { type Logger as PinoLogger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { type Code, type CodeEntry, codes } from './error-codes.ts';
import { prettyLine } from './pretty-line.ts';

/** Structured log: every line carries one `code` of the table in error-codes.ts. */
export type Logger = {
  event(code: Code, fields?: Record<string, unknown>, message?: string): void;
  /** Details for developers; carries no code and is off unless `--log-level debug`. */
  debug(fields: Record<string, unknown>, message: string): void;
  child(bindings: Record<string, unknown>): Logger;
};

export type LogOptions = {
  readonly program: string;
  readonly level?: string | undefined;
  /** Pretty lines for people; JSON otherwise. Default: whether standard error is a terminal. */
  readonly pretty?: boolean | undefined;
};

const LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const;
const STDERR = 2;

/** Logs to standard error, so that standard output stays for what a command prints. */
export function createLogger(options: LogOptions): Logger {
  const level = options.level ?? 'info';
  const base = { program: options.program, pid: process.pid };
  const redact = { paths: ['password', '*.password', 'token', '*.token'], censor: '(hidden)' };
  const pretty = options.pretty ?? process.stderr.isTTY === true;
  // Both write before they return: what is logged right before the end of a process must not be lost.
  const target = pretty ? forPeople() : pino.destination({ dest: STDERR, sync: true });
  return wrap(pino({ level, base, redact }, target));
}

function forPeople(): ReturnType<typeof PinoPretty> {
  const colorize = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
  return PinoPretty({
    destination: STDERR,
    sync: true,
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    ignore: 'pid,hostname',
    messageFormat: (line) => prettyLine(line, colorize),
  });
}

function wrap(log: PinoLogger): Logger {
  return {
    event(code, fields = {}, message) {
      const entry: CodeEntry = codes[code];
      // A message made for the occasion says itself what to do about it.
      const advice = entry.todo === undefined || message !== undefined ? {} : { todo: entry.todo };
      log[LEVELS[entry.severity]]({ ...fields, code, ...advice }, message ?? entry.what);
    },
    debug(fields, message) {
      log.debug(fields, message);
    },
    child: (bindings) => wrap(log.child(bindings)),
  };
}
