import { ConfigurationError, loadConfiguration } from '#runtime/configuration.ts';
import { EXIT_USAGE, readConfigOption } from '#runtime/program-options.ts';
import { ProbeConfiguration } from './probe-configuration.ts';
import { signIn } from './sign-in.ts';

/**
 * `node imapd/probe/main.ts --config FILE`: signs in over IMAP as a mail program does, prints what it found as a line of JSON
 * and ends with 0; or says in one line what went wrong and ends with 1. The chart's `helm test` runs it.
 */
const file = readConfigOption({
  name: 'node imapd/probe/main.ts',
  description: 'Signs in over IMAP, opens a mailbox read-only, tells how many messages it holds, and ends.',
});
try {
  const result = await signIn(await loadConfiguration(file, ProbeConfiguration));
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof ConfigurationError ? EXIT_USAGE : 1;
}
