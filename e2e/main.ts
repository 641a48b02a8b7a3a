import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT_USAGE } from '#runtime/program-options.ts';
import type { Cluster } from './clusters/cluster.ts';
import { type ClusterOptions, clusterOptions } from './clusters/commands/options.ts';
import { pickProvider } from './clusters/commands/pick-provider.ts';
import { CLUSTER_VARIABLE, type ClusterAddress } from './clusters/connect-cluster.ts';
import { searchPath } from './clusters/programs/search-path.ts';
import { isInside, withCluster } from './clusters/with-cluster.ts';
import { CONNECTIONS_VARIABLE } from './connections/connection-log.ts';
import { watchConnections } from './connections/watch-connections.ts';
import { ensureDatabaseImages } from './images/database-images.ts';
import { enginesWanted } from './images/engines-wanted.ts';
import { buildProgramImages, PROGRAM_IMAGES_VARIABLE } from './images/program-images.ts';
import { REGISTRY_VARIABLE } from './images/registry.ts';
import { resultReporters } from './results.ts';
import { figuresTable } from './support/figures-table.ts';
import { REPORT_VARIABLE, reported } from './support/report.ts';
import { WAY_IN_VARIABLE, type WayIn, waysIn } from './support/way-in/way-in.ts';

/** `npm run e2e -- [--provider …] [NAME…]`: brings a cluster up, runs the e2e tests on it, takes it down. */
type Options = ClusterOptions & { readonly json?: string; readonly registry?: string; readonly wayIn?: WayIn };
const WHY_REGISTRY =
  'where it pulls images from, to which you have pushed those that docs/guides/local-cluster.md names';
/** A promise was broken, or what looks back on the whole run found something. */
const EXIT_FINAL = 3;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const command = new Command('e2e')
  .description('Run the end-to-end tests on a real Kubernetes, brought up for them and taken down again.')
  .argument('[name...]', 'parts of test file names; all unless given')
  .addHelpText(
    'after',
    `\nExit codes: 0 all passed, 1 a test failed or no cluster came up, 2 wrong arguments, ${EXIT_FINAL} what no second try makes good.`,
  )
  .showHelpAfterError('(--help says more)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
for (const option of clusterOptions('e2e')) command.addOption(option);
command.option('--json <file>', 'write the figures that the tests measure to a file');
command.option(
  '--registry <name>',
  'where the cluster of --provider kubeconfig pulls the images of this checkout from',
);
command.addOption(
  new Option(
    '--way-in <how>',
    'how tests come to pods (default: direct in a local cluster, forwarded elsewhere)',
  ).choices(waysIn),
);
command.parse();

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(new Error(signal)));
try {
  process.exitCode = await e2e(command.opts<Options>(), command.args);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  say(error.message);
  process.exitCode = 1;
}
// The cluster's own connections would hold the process.
process.exit();

async function e2e(options: Options, names: readonly string[]): Promise<number> {
  const { provider, kubeconfig } = await pickProvider(options, isInside() ? () => undefined : say);
  const { nodes, state: stateFolder, registry } = options;
  if (provider === 'kubeconfig' && registry === undefined)
    command.error(`--provider kubeconfig needs --registry: ${WHY_REGISTRY}`);
  // Inside a local cluster's namespaces there is no network to take Debian's packages from.
  if (provider === 'local' && !isInside())
    for (const engine of enginesWanted(names)) await ensureDatabaseImages(engine, stop.signal);
  // While the cluster comes up, which is mostly a matter of waiting.
  const building = isInside() ? buildProgramImages() : null;
  // Thrown once it is up.
  building?.catch(() => undefined);
  return await withCluster(
    { provider, nodes, stateFolder, kubeconfig, log: say, signal: stop.signal },
    async (cluster, address) => {
      const images = building === null ? {} : { [PROGRAM_IMAGES_VARIABLE]: JSON.stringify(await building) };
      const settings = { ...settingsOf(options), ...images };
      return await runAll({ cluster, address, names, json: options.json, settings });
    },
  );
}

/** What the tests read from their environment. */
function settingsOf({ registry, wayIn }: Options): Readonly<Record<string, string>> {
  return {
    ...(registry === undefined ? {} : { [REGISTRY_VARIABLE]: registry.replace(/\/+$/, '') }),
    ...(wayIn === undefined ? {} : { [WAY_IN_VARIABLE]: wayIn }),
  };
}

type Run = {
  readonly cluster: Cluster;
  readonly address: ClusterAddress;
  readonly names: readonly string[];
  readonly json: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
};

/** What looks back on a whole run comes after it, and only then. */
async function runAll({ cluster, address, names, json, settings }: Run): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-e2e-'));
  const reportFile = join(folder, 'figures.jsonl');
  const connectionsFile = join(folder, 'connections.jsonl');
  try {
    const environment = {
      ...settings,
      [CLUSTER_VARIABLE]: JSON.stringify(address),
      [REPORT_VARIABLE]: reportFile,
      [CONNECTIONS_VARIABLE]: connectionsFile,
    };
    const code = await watched(
      cluster,
      connectionsFile,
      async () => await runTests(cluster, environment, ['e2e', ...names]),
    );
    const codeAfter = names.length > 0 ? 0 : await runTests(cluster, environment, ['e2e-after']);
    const { figures, broken } = await reported(reportFile);
    if (figures.length > 0) process.stdout.write(`${figuresTable(figures)}\n`);
    if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
    for (const what of broken) say(`broken, whether a second try went well or not: ${what}`);
    return codeAfter !== 0 || broken.length > 0 ? EXIT_FINAL : code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** While the tests run, what connects to what is written down for those that look back. */
async function watched<T>(cluster: Cluster, file: string, run: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  // What it cannot see is missing in the file, and missed there.
  const watching = watchConnections(cluster, file, over.signal).catch((error: Error) =>
    say(`connections are watched no more: ${error.message}`),
  );
  try {
    return await run();
  } finally {
    over.abort();
    await watching;
  }
}

async function runTests(
  cluster: Cluster,
  environment: Readonly<Record<string, string>>,
  [project = '', ...names]: readonly string[],
): Promise<number> {
  const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', project, ...resultReporters(project), ...names], {
    stdio: 'inherit',
    env: {
      ...process.env,
      KUBECONFIG: cluster.kubeconfig,
      PATH: searchPath(cluster.programFolders),
      ...environment,
    },
  });
  stop.signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  return await promise;
}
