import { rm } from 'node:fs/promises';
import type { Engine } from '#database/engine.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { administrators } from './manifests/administrators.ts';
import type { Manifests } from './manifests/load-manifests.ts';
import { LOOPBACK, newestSchema, type Plan, planCluster } from './plan.ts';
import { endLeftovers, runningPrograms } from './processes/leftovers.ts';
import { socketFolder } from './processes/socket-folder.ts';
import { programFolder } from './program-folder.ts';
import { type ServerPrograms, serverPrograms } from './programs/server-programs.ts';
import { SCRAPE_TARGETS_FILE, scrapeTargets } from './scrape-targets.ts';
import { StandaloneError } from './standalone-error.ts';
import type { StandaloneOptions } from './standalone-options.ts';
import { writeFileAtomically } from './state/atomic-file.ts';
import { authorityFiles } from './state/authorities.ts';
import { certificateFiles } from './state/certificate.ts';
import { keepManifests } from './state/kept-manifests.ts';
import { forgetOutdatedRouting } from './state/outdated-routing.ts';
import { PortBook, portIsFree } from './state/ports.ts';
import { adminTokens, signingKey } from './state/secrets.ts';
import type { StateFolder } from './state/state-folder.ts';
import type { ConfigFiles } from './supervisor.ts';
import { type Ingredients, writeConfigurations } from './write-configurations.ts';

/** Where clients connect. */
export type Endpoint = { readonly host: string; readonly port: number };

/** Everything that must be right, and written, before the first process is started. */
export type PreparedRun = {
  readonly ingredients: Ingredients;
  readonly files: ConfigFiles;
  readonly imap: Endpoint;
  readonly imaps: Endpoint;
  /** A folder outside the state folder, to be removed at the end; null where there is none. */
  readonly temporary: string | null;
};

/** @throws StandaloneError for everything that a person can mend */
export async function prepareRun(
  state: StateFolder,
  runAs: RunAs | null,
  options: StandaloneOptions,
): Promise<PreparedRun> {
  const { log, manifests } = options;
  await endLeftovers(state.file('config'), log);
  // Of processes and jobs that may no longer exist; what is needed is written anew.
  await rm(state.file('config'), { recursive: true, force: true });
  await keepManifests(state, manifests);
  await forgetOutdatedRouting(state, newestSchema);
  const ports = await PortBook.open(state.file('ports.json'), LOOPBACK);
  const plan = await planCluster(manifests, ports);
  const host = options.host ?? LOOPBACK;
  const imap = { host, port: options.imapPort || (await ports.portFor('imap')) };
  const imaps = { host, port: options.imapsPort || (await ports.portFor('imaps')) };
  refuseOnePort(imap, imaps);
  await refuseTakenPorts(plan, [imap, imaps], await serversLeft(state));
  const sockets = await socketFolder(state);
  const ingredients: Ingredients = {
    state,
    programFolder: await programFolder(state, runAs),
    plan,
    key: await signingKey(state),
    tokens: await adminTokens(state),
    certificate: await certificateFiles(state, tlsSecret(manifests), new Date()),
    authorities: await authorityFiles(state, manifests),
    serverPrograms: await programsFor(plan, state, { ...options, runAs }),
    socketFolder: sockets.path,
    imap: { host, imapPort: imap.port, imapsPort: imaps.port },
    runAs,
    administrators: administrators(manifests),
    logLevel: options.logLevel ?? 'info',
    tuning: options.tuning,
    crashPoint: options.crashPoint,
  };
  const targets = `${JSON.stringify(scrapeTargets(plan), null, 2)}\n`;
  // Prometheus may be another user; ports are no secret.
  await writeFileAtomically(state.file(SCRAPE_TARGETS_FILE), targets, 0o644);
  const files = await writeConfigurations(ingredients);
  return { ingredients, files, imap, imaps, temporary: sockets.outside ? sockets.path : null };
}

/** Of the engines alone that there are servers of. */
async function programsFor(
  { partitions }: Plan,
  state: StateFolder,
  options: Pick<StandaloneOptions, 'postgresBin' | 'mariadbBin' | 'mysqlBin' | 'signal'> & {
    readonly runAs: RunAs | null;
  },
): Promise<ServerPrograms> {
  const ours = partitions.filter(({ members }) => members.length > 0);
  const engines = new Set<Engine>(ours.map(({ object }) => object.spec.repository.engine));
  const { postgresBin, mariadbBin, mysqlBin, runAs, signal = new AbortController().signal } = options;
  const given = { postgresql: postgresBin, mariadb: mariadbBin, mysql: mysqlBin };
  return await serverPrograms(engines, { state, given, runAs, signal });
}

function tlsSecret({ cluster, secrets }: Manifests): Manifests['secrets'][number] | null {
  const name = cluster.spec.tls?.secretName;
  return secrets.find(({ metadata }) => metadata.name === name) ?? null;
}

/** Either could be listened on, and the second one never. */
function refuseOnePort(imap: Endpoint, imaps: Endpoint): void {
  if (imap.port !== imaps.port) return;
  throw new StandaloneError('ConfigurationInvalid', `--imap-port and --imaps-port are both ${imap.port}: choose two`);
}

/** Told before anything is started: a child that cannot listen would only be restarted again and again. */
async function refuseTakenPorts(plan: Plan, imap: readonly Endpoint[], serversLeft: boolean): Promise<void> {
  const members = plan.partitions.flatMap((partition) => partition.members);
  const inner = [
    plan.operatorPort,
    plan.supervisorPort,
    ...plan.pods.map(({ adminPort }) => adminPort),
    ...members.map(({ agentPort }) => agentPort),
    ...(serversLeft ? [] : members.map(({ serverPort }) => serverPort)),
  ].map((port) => ({ host: LOOPBACK, port }));
  for (const { host, port } of [...imap, ...inner]) {
    if (await canListen(port, host)) continue;
    const advice = imap.some((endpoint) => endpoint.port === port)
      ? 'choose another by --imap-port or --imaps-port, or stop that program'
      : 'stop that program: the cluster keeps its inner ports';
    throw new StandaloneError('PortTaken', `port ${port} on ${host} is in use by another program: ${advice}`);
  }
}

/** Whether databases of an earlier run still hold their ports, its agents having been killed: the new ones end them. */
async function serversLeft(state: StateFolder): Promise<boolean> {
  const programs = await runningPrograms();
  return programs.some(({ args }) => args.includes(state.file('members')));
}

async function canListen(port: number, host: string): Promise<boolean> {
  try {
    return await portIsFree(port, host);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EACCES' ? 'only root may use ports below 1024' : (cause as Error).message;
    throw new StandaloneError('ConfigurationInvalid', `cannot listen on port ${port} of ${host}: ${why}`, { cause });
  }
}
