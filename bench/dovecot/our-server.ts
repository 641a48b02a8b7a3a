import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DemoCluster } from '#demo/cluster.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import { pause, within } from '#runtime/deadline.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import type { BenchContext } from '../bench.ts';
import { WireClient, type WireEndpoint } from '../wire-client.ts';
import { crowd, PASSWORD, type Root, type Side, WORKER } from './side.ts';

const PARTITION = 'users-a';
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 50;

export type OurServer = Side & {
  /** Process numbers of the imapd processes that standalone runs. */
  imapdPids(): Promise<readonly number[]>;
  readonly certificate: { readonly certFile: string; readonly keyFile: string };
};

/**
 * A standalone cluster on one database server, with the users of the bench, and one imapd more that remembers no sign-in, and nothing it
 * has read.
 *
 * @param manifest a file of this folder, or an absolute path
 */
export async function startOurs(manifest: string, context: BenchContext): Promise<OurServer> {
  const { signal, progress } = context;
  const cluster = await openDemoCluster({ signal, say: progress, manifest: resolve(import.meta.dirname, manifest) });
  let forgetful: Forgetful | null = null;
  const stop = async (): Promise<void> => {
    if (forgetful !== null) await end(forgetful.process);
    await cluster.stop();
  };
  try {
    for (const user of [WORKER, ...crowd]) await cluster.createUser(user, PASSWORD);
    forgetful = await startForgetful(cluster);
    return await describe(cluster, forgetful, stop);
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function describe(cluster: DemoCluster, forgetful: Forgetful, stop: () => Promise<void>): Promise<OurServer> {
  const database = await databasePid(cluster);
  return {
    name: 'ours',
    version: `imapcluster on Node ${process.version}`,
    plain: cluster.endpoint,
    tls: cluster.secureEndpoint,
    unremembered: { endpoint: forgetful.endpoint, user: WORKER },
    certificate: {
      certFile: cluster.certificateFile,
      keyFile: cluster.certificateFile.replace(/\.crt$/, '.key'),
    },
    imapdPids: () => cluster.imapdPids(),
    async roots(): Promise<readonly Root[]> {
      const imapd = [...(await cluster.imapdPids()), forgetful.process.pid ?? 0];
      return [...imapd.map((pid) => ({ part: 'imapd', pid })), { part: 'database', pid: database }];
    },
    stop,
  };
}

/** By the file that a server writes beside its data. */
async function databasePid(cluster: DemoCluster): Promise<number> {
  const { primary } = await cluster.status(PARTITION);
  const folder = join(cluster.stateDirectory, 'members', PARTITION, primary ?? '', 'data');
  for (const file of PID_FILES) {
    const text = await readFile(join(folder, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text !== null) return Number(text.split('\n')[0]);
  }
  throw new Error(`no server has written its process number into ${folder}`);
}

/** PostgreSQL's; MariaDB's and MySQL's, by the agent. */
const PID_FILES = ['postmaster.pid', 'server.pid'];

type Forgetful = { readonly process: ChildProcess; readonly endpoint: WireEndpoint };

/** The configuration that standalone has written for its imapd, but for ports and what it remembers. It only ever reads. */
async function startForgetful(cluster: DemoCluster): Promise<Forgetful> {
  const folder = join(cluster.stateDirectory, 'config');
  const configuration = JSON.parse(await readFile(join(folder, 'imapd-0.json'), 'utf8')) as Configuration;
  const [imap = 0, admin = 0] = await freePorts(2);
  const endpoint = { host: '127.0.0.1', port: imap };
  const file = join(folder, 'forgetful.json');
  const { imaps: _, ...listen } = configuration.listen;
  const changed = {
    ...configuration,
    pod: 'forgetful',
    admin: { ...configuration.admin, port: admin },
    listen: { ...listen, imap: endpoint },
    sessions: { ...configuration.sessions, drainGraceMs: 100 },
    authentication: { ...configuration.authentication, cacheMs: 0 },
    reads: { ...configuration.reads, recentContentCacheBytes: 0, readAheadBytes: 0 },
  };
  await writeFile(file, JSON.stringify(changed));
  const process = spawn(
    globalThis.process.execPath,
    [join(import.meta.dirname, '../../imapd/main.ts'), '--config', file],
    {
      cwd: '/',
      // The end of this pipe tells it that we are gone.
      env: { ...globalThis.process.env, IMAPCLUSTER_PARENT: 'stdin' },
      stdio: ['pipe', 'inherit', 'inherit'],
    },
  );
  try {
    await untilGreeting(process, endpoint);
  } catch (cause) {
    await end(process);
    throw cause;
  }
  return { process, endpoint };
}

type Configuration = {
  readonly admin: object;
  readonly listen: { readonly imaps?: object };
  readonly sessions: object;
  readonly authentication: object;
  readonly reads: object;
};

async function untilGreeting(process: ChildProcess, endpoint: WireEndpoint): Promise<void> {
  const until = performance.now() + START_LIMIT_MS;
  for (;;) {
    const client = await WireClient.connect(endpoint).catch((error: Error) => error);
    if (client instanceof WireClient) {
      client.close();
      return;
    }
    if (process.exitCode !== null || performance.now() > until) {
      throw new Error('the imapd that remembers no sign-in does not serve', { cause: client });
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill('SIGTERM');
  await within(STOP_LIMIT_MS, 'end of imapd', gone).catch(() => process.kill('SIGKILL'));
}
