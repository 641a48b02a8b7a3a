import { Command } from 'commander';
import { defaultStateFolder } from '#contract/control-api.ts';
import { CliError, EXIT } from './cli-error.ts';
import { exportCommand } from './commands/export.ts';
import { failoverCommand } from './commands/failover.ts';
import { importCommand } from './commands/import.ts';
import { routingCommand } from './commands/routing.ts';
import { statusCommand } from './commands/status.ts';
import { switchoverCommand } from './commands/switchover.ts';
import { userCommand } from './commands/user.ts';
import { ControlSocketConnection } from './connection/control-socket.ts';
import type { Context } from './context.ts';

/** `npx imapctl`: a running cluster in a person's hand. */
const program = new Command('imapctl')
  .description('Look after a running mail cluster.')
  .option('--state <folder>', 'state folder of the run (or $IMAPCLUSTER_STATE)', stateFolder())
  .addHelpText(
    'after',
    `
Examples:
  $ imapctl user add ada@example.org
  $ echo "$PASSWORD" | imapctl user passwd ada@example.org --password-stdin
  $ imapctl import --user ada@example.org --maildir ~/Maildir
  $ imapctl export --user ada@example.org --mailbox Sent --mbox sent.mbox
  $ imapctl status -o yaml
  $ imapctl switchover users-a --to users-a-2

Exit codes: 0 done, 1 refused or failed, 2 wrong arguments, 3 import with entries passed over, 4 no cluster answers,
130 interrupted.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage));

const context: Context = { connect: () => new ControlSocketConnection(program.opts<{ state: string }>().state) };
for (const make of [
  userCommand,
  importCommand,
  exportCommand,
  statusCommand,
  routingCommand,
  switchoverCommand,
  failoverCommand,
]) {
  program.addCommand(make(context));
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`imapctl: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

function stateFolder(): string {
  return process.env.IMAPCLUSTER_STATE ?? defaultStateFolder(process.getuid?.());
}
