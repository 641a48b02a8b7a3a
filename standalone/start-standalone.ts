import { rm } from 'node:fs/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { CONTROL_SOCKET, type ControlStatus } from '#contract/control-api.ts';
import type { MemberName } from '#contract/names.ts';
import type { Job } from '#operator/ports.ts';
import type { Logger } from '#runtime/logger.ts';
import { serveHealth } from '#runtime/serve-health.ts';
import { socketPath } from '#runtime/socket-path.ts';
import { serveControl } from './control/control-server.ts';
import { linkedOperator } from './control/linked-operator.ts';
import { StatusReader } from './control/status-reader.ts';
import { LOOPBACK, type Plan } from './plan.ts';
import { prepareJob } from './prepare-job.ts';
import { type Endpoint, type PreparedRun, prepareRun } from './prepare-run.ts';
import type { ProcessReport } from './processes/kept-process.ts';
import { runJob } from './processes/run-job.ts';
import { resolveRunAs } from './run-as.ts';
import { StandaloneError } from './standalone-error.ts';
import type { StandaloneOptions } from './standalone-options.ts';
import { StateFolder } from './state/state-folder.ts';
import { Supervisor } from './supervisor.ts';
import { supervisorMetrics } from './supervisor-metrics.ts';

export type Standalone = {
  readonly stateFolder: string;
  readonly imap: Endpoint;
  readonly imaps: Endpoint;
  /** Of the certificate that clients are shown. */
  readonly certificateFile: string;
  readonly controlSocket: string;
  /** Base address of each imapd's admin API (`/metrics` …) and the token for it. */
  readonly admin: { readonly urls: ReadonlyMap<string, string>; readonly token: string };
  readonly members: ReadonlyMap<string, readonly MemberName[]>;
  /** `agent NAME`, `operator`, `imapd-N`, with their process numbers. */
  processes(): readonly ProcessReport[];
  /** Keeps a process that ends away until the function given back is called: to see what its loss means. */
  holdRestarts(process: string): () => void;
  status(): Promise<ControlStatus>;
  /** Fires, with a StandaloneError, once it is sure that this run will never serve; it goes on until it is stopped. */
  readonly hopeless: AbortSignal;
  /** Settles once every partition has a writer that every imapd obeys. Rejects when `signal` fires. */
  serving(signal: AbortSignal): Promise<void>;
  /** Ends everything in order. `hurry` shortens what waits for clients. */
  stop(hurry?: AbortSignal): Promise<void>;
};

/**
 * Starts a whole cluster on this machine and keeps it running. Returns as soon as the processes are started; `serving`
 * tells when they serve.
 *
 * @throws StandaloneError for everything that a person can mend
 */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const runAs = await resolveRunAs(options.user);
  const state = await StateFolder.open(options.stateFolder, runAs);
  try {
    const prepared = await prepareRun(state, runAs, options);
    const hopeless = new AbortController();
    const { supervisor, reader } = supervise(prepared, options.log, hopeless);
    const closeControl = await openControl(prepared, { supervisor, reader });
    const health = await openHealth(prepared, { supervisor, reader });
    supervisor.start();
    return describe(prepared, {
      processes: () => supervisor.processes(),
      holdRestarts: (process) => supervisor.holdRestarts(process),
      status: () => reader.read(),
      hopeless: hopeless.signal,
      serving: (signal) => reader.untilServing(signal),
      async stop(hurry = new AbortController().signal) {
        await supervisor.stop(hurry);
        await closeControl();
        await health.close();
        if (prepared.temporary !== null) await rm(prepared.temporary, { recursive: true, force: true });
        state.close();
      },
    });
  } catch (error) {
    state.close();
    throw error;
  }
}

type Life = Pick<Standalone, 'processes' | 'holdRestarts' | 'status' | 'hopeless' | 'serving' | 'stop'>;

function describe({ ingredients, imap, imaps }: PreparedRun, life: Life): Standalone {
  const { state, plan, tokens, certificate } = ingredients;
  return {
    ...life,
    stateFolder: state.path,
    imap,
    imaps,
    certificateFile: certificate.certFile,
    controlSocket: state.file(CONTROL_SOCKET),
    admin: {
      urls: new Map(plan.pods.map(({ name, adminPort }) => [name, `http://${LOOPBACK}:${adminPort}`])),
      token: tokens.imapd,
    },
    members: membersByPartition(plan),
  };
}

const membersByPartition = ({ partitions }: Plan): ReadonlyMap<string, readonly MemberName[]> =>
  new Map(
    partitions.map(({ object, members, existing }) => [
      object.metadata.name,
      [...members, ...existing].map(({ name }) => name),
    ]),
  );

type Supervised = { readonly supervisor: Supervisor; readonly reader: StatusReader };

function supervise(
  { ingredients, files, imap, imaps }: PreparedRun,
  log: Logger,
  hopeless: AbortController,
): Supervised {
  const { state, plan, programFolder: folder } = ingredients;
  const supervisor: Supervisor = new Supervisor({
    folder,
    files,
    log,
    primaries: () => reader.primaries(),
    onPortTaken: (process) => hopeless.abort(portTaken(process, [imap, imaps])),
    async runJob(parameters, signal) {
      const job = parameters as Job;
      return await runJob({ folder, job, configFile: await prepareJob(ingredients, job), signal, log });
    },
  });
  const reader: StatusReader = new StatusReader({ state, plan, supervisor, endpoints: { imap, imaps } });
  return { supervisor, reader };
}

/** Since they were looked at, just before; which one it was, the process itself has said. */
function portTaken(process: string, ports: readonly Endpoint[]): StandaloneError {
  const names = ports.map(({ host, port }) => `${host}:${port}`).join(' and ');
  const advice = 'stop that program, or choose others by --imap-port and --imaps-port';
  return new StandaloneError(
    'PortTaken',
    `${process} cannot listen, for another program has its port (${names}): ${advice}`,
  );
}

async function openControl(
  { ingredients }: PreparedRun,
  { supervisor, reader }: Supervised,
): Promise<() => Promise<void>> {
  const { state, plan, tokens } = ingredients;
  const operator = linkedOperator(supervisor.operatorLink);
  const members = membersByPartition(plan);
  const socket = shortSocketPath(state.file(CONTROL_SOCKET));
  const server = await serveControl({
    socket,
    control: {
      adminToken: tokens.imapd,
      status: () => reader.read(),
      pods: () => supervisor.pods(),
      operator: () => operator,
      members: () => members,
    },
  });
  return async () => {
    server.closeAllConnections();
    server.close();
    await rm(socket, { force: true });
  };
}

/** The supervisor's own port. Ready is the run as a whole; whether this process lives is what `/healthz` says. */
async function openHealth(
  { ingredients }: PreparedRun,
  { supervisor, reader }: Supervised,
): ReturnType<typeof serveHealth> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  supervisorMetrics(registry, () => supervisor.processes());
  const listen = { host: LOOPBACK, port: ingredients.plan.supervisorPort };
  return await serveHealth(listen, { registry, ready: () => reader.serves() });
}

function shortSocketPath(path: string): string {
  try {
    return socketPath(path, process.cwd());
  } catch (cause) {
    const message = `${(cause as Error).message}: name a folder with a shorter path by --state`;
    throw new StandaloneError('ConfigurationInvalid', message, { cause });
  }
}
