import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlSocketConnection } from '#cli/connection/control-socket.ts';
import type { ControlStatus } from '#contract/control-api.ts';
import { PUSH_PATH, type RoutingBelief } from '#contract/push-api.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { productName } from '#database/engine.ts';
import { createLogger } from '#runtime/logger.ts';
import { loadManifests } from '#standalone/manifests/load-manifests.ts';
import { readManifestSources } from '#standalone/manifests/manifest-source.ts';
import { formatMistake } from '#standalone/manifests/mistake.ts';
import { type Standalone, startStandalone } from '#standalone/start-standalone.ts';
import { waitsFor } from '#standalone/waits-for.ts';
import type { ContentReads, DatabaseLogin, DemoCluster, PartitionGlimpse } from './cluster.ts';
import { readContentBytes } from './content-bytes.ts';
import { agentOf } from './databases/agent-of.ts';
import { contentChunksRead, statisticsView } from './databases/content-statistics.ts';
import { type DemoEngine, demoManifest } from './databases/engines.ts';
import { holdBack } from './databases/hold-back.ts';
import { readFallbacks } from './fallbacks.ts';
import { Freezer } from './processes/freezer.ts';
import { processTree, signalAll } from './processes/process-tree.ts';

export type OpenOptions = {
  readonly signal: AbortSignal;
  /** Progress for people. */
  readonly say: (text: string) => void;
  /** A file in place of the demo's own. */
  readonly manifest?: string;
  /** What the databases of the demo's own are; default PostgreSQL. */
  readonly engine?: DemoEngine;
  /** Least important log line of the processes; they log to standard error. */
  readonly logLevel?: string;
};

/** Of a machine that has much else to do. */
const START_LIMIT_MS = 180_000;
const BELIEF_LIMIT_MS = 2_000;
const METRICS_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 8_000;
/** Of removing a folder into which somebody may still write its last line. */
const RETRIES = 5;

/** A standalone cluster in a temporary folder, with the means to do it harm. `stop` removes everything. */
export async function openDemoCluster(options: OpenOptions): Promise<DemoCluster> {
  const begun = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-demo-'));
  // Started by root, everything but the supervisor runs as somebody else, who must be able to pass.
  await chmod(folder, 0o711);
  const freezer = new Freezer();
  let standalone: Standalone | null = null;
  const stop = async (): Promise<void> => {
    // What is frozen cannot end.
    freezer.close();
    await standalone?.stop(AbortSignal.timeout(STOP_LIMIT_MS));
    await rm(folder, { recursive: true, force: true, maxRetries: RETRIES });
  };
  try {
    standalone = await start(folder, options);
    await untilServing(standalone, options.signal);
  } catch (cause) {
    await stop();
    throw cause;
  }
  options.say(
    `${whatRuns(await standalone.status())} are up after ${((performance.now() - begun) / 1000).toFixed(1)} s: IMAP on ${standalone.imap.host}:${standalone.imap.port}`,
  );
  return { ...cluster(standalone, freezer), stop };
}

async function start(folder: string, options: OpenOptions): Promise<Standalone> {
  const { manifest, engine = 'postgresql', signal } = options;
  const sources =
    manifest === undefined ? [await demoManifest(engine)] : await readManifestSources([manifest], process.stdin);
  const loaded = loadManifests(sources);
  if (!loaded.ok) throw new Error(loaded.mistakes.map(formatMistake).join('\n'));
  const logLevel = options.logLevel ?? 'error';
  return startStandalone({
    manifests: loaded.manifests,
    stateFolder: join(folder, 'state'),
    log: createLogger({ program: 'supervisor', level: logLevel }),
    logLevel,
    signal,
  });
}

async function untilServing(standalone: Standalone, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  try {
    await standalone.serving(AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (signal.aborted || !limit.aborted) throw cause;
    const why = waitsFor(await standalone.status());
    throw new Error(`not everything serves after ${START_LIMIT_MS / 1000} s: ${why}`, { cause });
  }
}

function cluster(standalone: Standalone, freezer: Freezer): Omit<DemoCluster, 'stop'> {
  const poweredOff = new Map<string, () => void>();
  return {
    endpoint: { ...standalone.imap, secure: false },
    secureEndpoint: { ...standalone.imaps, secure: true },
    certificateFile: standalone.certificateFile,
    stateDirectory: standalone.stateFolder,
    createUser: (user, password) => createUser(standalone, user, password),
    status: async (partition) => glimpse(await standalone.status(), partition),
    beliefs: (partition) => beliefs(standalone, partition),
    mailDatabase: (partition) => mailDatabase(standalone, partition),
    imapdPids: async () =>
      standalone.processes().flatMap(({ name, pid }) => (name.startsWith('imapd-') && pid !== null ? [pid] : [])),
    contentReads: (partition) => contentReads(standalone, partition),
    countedBy: async (partition) => {
      const engine = (await routingDocument(standalone)).partitions[partition]?.engine;
      return statisticsView[engine ?? 'postgresql'];
    },
    contentBytes: async (partition) => readContentBytes(await metricPages(standalone), partition),
    fallbacks: async (partition) => readFallbacks(await metricPages(standalone), partition),
    killServer: async (_partition, member) =>
      signalAll(await processTree(await serverPid(standalone, member)), 'SIGKILL'),
    freezeServer: async (_partition, member) => freezer.freeze(await processTree(await serverPid(standalone, member))),
    async powerOff(_partition, member) {
      const pid = agentPid(standalone, member);
      poweredOff.set(member, standalone.holdRestarts(`agent ${member}`));
      signalAll(await processTree(pid), 'SIGKILL');
    },
    async powerOn(_partition, member) {
      poweredOff.get(member)?.();
      poweredOff.delete(member);
    },
    async switchover(partition) {
      await new ControlSocketConnection(standalone.stateFolder).switchover(partition, null);
    },
    holdBack: (partition, member) => holdBackMember(standalone, freezer, { partition, member }),
  };
}

/** For people: "PostgreSQL, MariaDB and imapd". */
function whatRuns({ objects }: ControlStatus): string {
  const partitions = (objects as readonly MailboxPartition[]).filter(({ kind }) => kind === 'MailboxPartition');
  const products = new Set(partitions.map(({ spec }) => productName[spec.repository.engine]));
  return `${[...products].join(', ')} and imapd`;
}

/** Who is the primary at this moment matters to some. */
async function holdBackMember(
  standalone: Standalone,
  freezer: Freezer,
  { partition, member }: { readonly partition: string; readonly member: string },
): Promise<() => void> {
  const primary = partitionOf(await standalone.status(), partition).status?.primary;
  if (primary == null) throw new Error(`${partition} has no primary`);
  return await holdBack({
    ...{
      member,
      freezer,
      agent: await agentOf(standalone.stateFolder, member),
      agentPid: agentPid(standalone, member),
    },
    ...{ serverPid: await serverPid(standalone, member), primaryPid: await serverPid(standalone, primary) },
  });
}

function agentPid(standalone: Standalone, member: string): number {
  const pid = standalone.processes().find(({ name }) => name === `agent ${member}`)?.pid;
  if (pid == null) throw new Error(`${member} has no agent`);
  return pid;
}

async function serverPid(standalone: Standalone, member: string): Promise<number> {
  const pid = (await standalone.status()).members.find(({ name }) => name === member)?.serverPid;
  if (pid == null) throw new Error(`${member} has no server that runs`);
  return pid;
}

async function createUser(standalone: Standalone, name: string, password: string): Promise<void> {
  const url = standalone.admin.urls.values().next().value ?? '';
  const response = await fetch(new URL('/v1/users', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${standalone.admin.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  if (!response.ok) throw new Error(`user ${name}: ${response.status} ${await response.text()}`);
}

function partitionOf(status: ControlStatus, name: string): MailboxPartition {
  const objects = status.objects as readonly MailboxPartition[];
  const found = objects.find((object) => object.kind === 'MailboxPartition' && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no partition ${name}`);
  return found;
}

function glimpse(status: ControlStatus, name: string): PartitionGlimpse {
  const now = partitionOf(status, name).status;
  const last = now?.lastFailover ?? null;
  return {
    name,
    phase: now?.phase ?? 'Unknown',
    epoch: now?.epoch ?? 0,
    primary: now?.primary ?? null,
    trouble:
      status.waiting[name] ?? status.operatorProblem ?? `${now?.phase ?? 'no phase'}, step ${now?.step ?? 'none'}`,
    members: (now?.members ?? []).map((member) => ({ name: member.name, role: member.role ?? 'unknown' })),
    lastFailover:
      last === null
        ? null
        : {
            epoch: last.epoch,
            phases: last.phases,
            salvaged: last.salvaged === null ? null : { messages: last.salvaged.messages ?? 0 },
          },
  };
}

/** What each imapd process believes; one that does not answer believes nothing. */
async function beliefs(standalone: Standalone, partition: string): Promise<readonly { pod: string; epoch: number }[]> {
  const asked = await Promise.allSettled([...standalone.admin.urls.values()].map((url) => belief(standalone, url)));
  return asked.flatMap((answer) => {
    if (answer.status === 'rejected') return [];
    const { pod, repositories } = answer.value;
    const epoch = repositories[partition]?.epoch;
    return epoch === undefined ? [] : [{ pod, epoch }];
  });
}

async function belief(standalone: Standalone, url: string): Promise<RoutingBelief> {
  const headers = { authorization: `Bearer ${standalone.admin.token}` };
  const response = await fetch(new URL(PUSH_PATH, url), { headers, signal: AbortSignal.timeout(BELIEF_LIMIT_MS) });
  return (await response.json()) as RoutingBelief;
}

async function contentReads(standalone: Standalone, partition: string): Promise<readonly ContentReads[]> {
  const now = partitionOf(await standalone.status(), partition);
  const document = await routingDocument(standalone);
  const target = document.partitions[partition];
  if (target === undefined) throw new Error(`${partition} has no target yet`);
  return Promise.all(
    Object.keys(target.members).map(async (member) => ({
      member,
      role: now.status?.primary === member ? 'primary' : 'replica',
      chunks: await contentChunksRead(await agentOf(standalone.stateFolder, member)),
    })),
  );
}

async function mailDatabase(standalone: Standalone, partition: string): Promise<DatabaseLogin> {
  const target = (await routingDocument(standalone)).partitions[partition];
  const endpoint = target?.members[target.writer ?? ''];
  if (target === undefined || endpoint === undefined) throw new Error(`${partition} has no writer`);
  const file = join(standalone.stateFolder, 'credentials', `${partition}.json`);
  const login = JSON.parse(await readFile(file, 'utf8')) as { user: string; password: string };
  return { ...endpoint, ...login, database: target.database };
}

async function metricPages(standalone: Standalone): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(METRICS_LIMIT_MS);
  return Promise.all(
    [...standalone.admin.urls.values()].map(async (url) => (await fetch(new URL('/metrics', url), { signal })).text()),
  );
}

async function routingDocument(standalone: Standalone): Promise<RoutingDocument> {
  const url = standalone.admin.urls.values().next().value ?? '';
  return (await belief(standalone, url)).document as RoutingDocument;
}
