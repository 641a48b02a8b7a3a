import type { CodeText } from './response-codes.ts';

/**
 * How a command ends: its tagged response without the tag. `code` is a response code without brackets, e.g.
 * `APPENDUID 38505 3955`. `text` is for people, in ASCII.
 */
export type Completion = {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly code?: string;
  readonly text: string;
  /** What happens to the connection once the response is written. */
  readonly afterwards?: 'close' | 'startTls' | 'compress';
};

export const ok = (text: string, code?: string): Completion => completion('OK', text, code);
/** The command was understood and refused; a code always tells programs why. */
export const no = (text: string, code: CodeText): Completion => completion('NO', text, code);
/** The client broke the protocol. */
export const bad = (text: string, code?: CodeText): Completion => completion('BAD', text, code);

function completion(status: Completion['status'], text: string, code: string | undefined): Completion {
  return code === undefined ? { status, text } : { status, text, code };
}
