import type { Code } from '#runtime/error-codes.ts';

/** A reason not to start that a person can mend; `message` says what and how. */
export class StandaloneError extends Error {
  override readonly name = 'StandaloneError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
