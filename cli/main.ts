import { CliError } from './cli-error.ts';
import { createProgram } from './program.ts';

/** `npx imapctl`, `kubectl imap`: a running cluster in a person's hand. */
const startedAs = process.env.IMAPCTL_STARTED_AS ?? 'imapctl';
const program = createProgram(startedAs);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`${program.name()}: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
