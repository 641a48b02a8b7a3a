/** Exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, partly: 3, unreachable: 4, interrupted: 130 } as const;

export const EXIT_MEANS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done',
  failed: 'refused or failed',
  usage: 'wrong arguments',
  partly: 'import with entries passed over',
  unreachable: 'no cluster answers',
  interrupted: 'interrupted',
};

/** Something that a person is told in one line, with an exit code; anything else that is thrown is a bug of ours. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
