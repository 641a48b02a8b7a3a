import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT_USAGE } from '#runtime/program-options.ts';
import { faultNames } from './cluster.ts';
import { buildCommand } from './commands/build-command.ts';
import { type DownOptions, downCommand } from './commands/down-command.ts';
import { faultCommand } from './commands/fault-command.ts';
import { loadCommand } from './commands/load-command.ts';
import { type ClusterOptions, clusterOptions, stateOption } from './commands/options.ts';
import { prerequisitesCommand } from './commands/prerequisites-command.ts';
import { upApiOnly } from './commands/up-api-only.ts';
import { upCommand } from './commands/up-command.ts';
import { shell } from './local/shell.ts';

/** `npm run cluster -- COMMAND`: a Kubernetes to develop and test on. See docs/guides/local-cluster.md. */
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));

const program = new Command('cluster')
  .description(
    'A real Kubernetes to develop and test on: nodes that are namespaces of this machine, kind, or your own.',
  )
  .enablePositionalOptions()
  .showHelpAfterError('(--help says more)')
  .exitOverride();

const up = program.command('up').description('bring a cluster up; the first time, build Kubernetes (10 to 20 min)');
const ofCluster = clusterOptions('cluster');
for (const option of ofCluster) up.addOption(option);
up.addOption(
  new Option('--api-only', 'etcd and an API server, and nothing else: for any user, until Ctrl-C')
    .default(false)
    .conflicts(ofCluster.map((option) => option.attributeName())),
);
up.action(async ({ apiOnly, ...options }: ClusterOptions & { readonly apiOnly: boolean }) => {
  await (apiOnly ? upApiOnly(interrupted.signal) : upCommand(options, interrupted.signal));
});

program
  .command('shell')
  .description('a shell, or one command, inside a local cluster, with KUBECONFIG set and kubectl on PATH')
  .argument('[command...]')
  .addOption(stateOption('cluster'))
  .passThroughOptions()
  .action(async (command: readonly string[], { state }: { readonly state: string }) => {
    process.exitCode = await shell(state, command);
  });

program
  .command('load')
  .description('make an image known to every node of a local cluster')
  .argument('<archive>', 'as docker save writes it')
  .addOption(stateOption('cluster'))
  .action(async (archive: string, { state }: { readonly state: string }) => await loadCommand(archive, state));

program
  .command('fault')
  .description('do to a local cluster what the tests do')
  .argument('<name>', faultNames.join(', '))
  .argument('[words...]', 'such as the node: cutNetwork node2; signalDaemon node1 kubelet SIGSTOP')
  .addOption(stateOption('cluster'))
  .action(async (name: string, words: readonly string[], { state }: { readonly state: string }) => {
    await faultCommand(name, words, state);
  });

program
  .command('down')
  .description('end the cluster and remove all that it kept')
  .addOption(new Option('--provider <name>', 'whose cluster').choices(['local', 'kind']).default('local'))
  .addOption(stateOption('cluster'))
  .action(async (options: DownOptions) => await downCommand(options));

program
  .command('build')
  .description('build all programs, or those named, into the cache (IMAPCLUSTER_CACHE, else the user cache folder)')
  .argument('[program...]')
  .action(async (names: readonly string[]) => await buildCommand(names, interrupted.signal));

program
  .command('prerequisites')
  .description('say what this machine lacks for the local provider')
  .option('--install', 'install it, as root on Debian', false)
  .action(async (options: { readonly install: boolean }) => await prerequisitesCommand(options));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // Commander has said its own already, but not those of our commands. Every error thrown on purpose says what to do.
  const said = error instanceof CommanderError && !(error instanceof InvalidArgumentError);
  if (!said) process.stderr.write(`${error.message}\n`);
  process.exitCode = exitCode(error);
}

function exitCode(error: Error): number {
  if (!(error instanceof CommanderError)) return 1;
  return error.exitCode === 0 ? 0 : EXIT_USAGE;
}
