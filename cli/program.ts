import { Command } from 'commander';
import { EXIT, EXIT_MEANS } from './cli-error.ts';
import { exportCommand } from './commands/export.ts';
import { failoverCommand } from './commands/failover.ts';
import { importCommand } from './commands/import.ts';
import { logsCommand } from './commands/logs.ts';
import { routingCommand } from './commands/routing.ts';
import { statusCommand } from './commands/status.ts';
import { supportBundleCommand } from './commands/support-bundle.ts';
import { switchoverCommand } from './commands/switchover.ts';
import { userCommand } from './commands/user.ts';
import { versionCommand } from './commands/version.ts';
import type { ClusterConnection } from './connection/cluster-connection.ts';
import { ControlSocketConnection } from './connection/control-socket.ts';
import type { Context } from './context.ts';
import { addPlaceOptions, PLUGIN, type Place, placeOf } from './place-options.ts';

/**
 * The command line of `imapctl`, not parsed yet: the reference is written from it too.
 * @param startedAs name of the program that was started: `imapctl` or `kubectl-imap`
 */
export function createProgram(startedAs = 'imapctl'): Command {
  const name = startedAs === PLUGIN ? 'kubectl imap' : 'imapctl';
  const program = addPlaceOptions(new Command(name))
    .description('Look after a running mail cluster.')
    .addHelpText('after', helpFor(name));
  const context: Context = { connect: () => connectTo(placeOf(program, startedAs)) };
  program.addCommand(userCommand(context));
  program.addCommand(importCommand(context));
  program.addCommand(exportCommand(context));
  program.addCommand(statusCommand(context));
  program.addCommand(routingCommand(context));
  program.addCommand(switchoverCommand(context));
  program.addCommand(failoverCommand(context));
  program.addCommand(logsCommand(context));
  program.addCommand(supportBundleCommand(context));
  program.addCommand(versionCommand(context));
  return withUsageExit(program);
}

async function connectTo(place: Place): Promise<ClusterConnection> {
  if (place.kind === 'standalone') return new ControlSocketConnection(place.state);
  // Standalone needs nothing of all this.
  const { KubernetesConnection } = await import('./kubernetes/kubernetes-connection.ts');
  return await KubernetesConnection.open(place.options);
}

/** Wrong arguments end with 2, of a subcommand too: what is set on the program is not handed down to those. */
function withUsageExit(command: Command): Command {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage));
  for (const subcommand of command.commands) withUsageExit(subcommand);
  return command;
}

const helpFor = (name: string): string => `
Examples:
  $ ${name} user add ada@example.org
  $ echo "$PASSWORD" | ${name} user passwd ada@example.org --password-stdin
  $ ${name} import --user ada@example.org --maildir ~/Maildir
  $ ${name} export --user ada@example.org --mailbox Sent --mbox sent.mbox
  $ ${name} status --watch
  $ ${name} switchover users-a --to users-a-2
  $ kubectl imap -n post logs --partition users-a --follow

Exit codes: ${Object.entries(EXIT)
  .map(([word, code]) => `${code} ${EXIT_MEANS[word as keyof typeof EXIT]}`)
  .join(', ')}.`;
