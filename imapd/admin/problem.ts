import type { UsersProblem } from '#contract/users-api.ts';

/** A refusal with its HTTP status; thrown by a handler, answered by the server. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get body(): UsersProblem {
    return { code: this.code, message: this.message };
  }
}
