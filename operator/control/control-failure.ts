import type { ControlProblem } from '#contract/control-api.ts';

/** A refusal with its HTTP status; thrown by a handler, answered by the server. */
export class ControlFailure extends Error {
  override readonly name = 'ControlFailure';
  readonly status: number;
  readonly code: string;

  constructor(status: number, problem: ControlProblem, options?: ErrorOptions) {
    super(problem.message, options);
    this.status = status;
    this.code = problem.code;
  }

  get body(): ControlProblem {
    return { code: this.code, message: this.message };
  }
}
