import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FuzzWorkerData, FuzzWorkerReport } from './fuzz-worker.ts';

export type FuzzOptions = {
  readonly seed: number;
  readonly inputs: number;
  /** The first case; those before it are left out. */
  readonly from?: number;
  readonly workers: number;
  /** One input may take so long, ms. It is generous: a busy machine is no failure, and what is not linear takes for ever. */
  readonly deadlineMs: number;
  /** Octets that are examined in place of those of the case `from`. */
  readonly octets?: Uint8Array;
  readonly onProgress?: (done: number) => void;
};

export type FuzzFailure = {
  readonly index: number;
  /** `wrong` was thrown; the others are what no input may cause at all. */
  readonly kind: 'wrong' | 'hangs' | 'dies';
  readonly reason: string;
};
export type FuzzOutcome = { readonly done: number; readonly failure: FuzzFailure | null };

const HEAP_MB = 192;
const LOOK_MS = 100;
/** The corpus is made before the first case. */
const START_MS = 60_000;

/** Examines inputs on threads of their own, so that one that never ends, or takes all memory, is told like any other. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzOutcome> {
  const { workers } = options;
  const runs = Array.from({ length: workers }, (_, at) => startRun(options, at));
  const finished = new AbortController();
  const watching = watch(runs, options, finished.signal);
  const all = Promise.all(runs.map(({ ended }) => ended)).then((failures) => failures.find((one) => one !== null));
  const failed = Promise.race([...runs.map(({ failure }) => failure), watching]);
  const failure = (await Promise.race([all, failed])) ?? null;
  finished.abort();
  await Promise.all(runs.map(({ worker }) => worker.terminate()));
  return { done: runs.reduce((sum, run) => sum + doneBy(run), 0), failure };
}

type Run = {
  readonly worker: Worker;
  readonly told: Int32Array;
  readonly startedAt: number;
  readonly ended: Promise<FuzzFailure | null>;
  /** Settles only where there is one. */
  readonly failure: Promise<FuzzFailure>;
};

const caseOf = ({ told }: Run): number => Atomics.load(told, 0);
const doneBy = ({ told }: Run): number => Atomics.load(told, 1);

function startRun({ seed, inputs, from = 0, workers, octets }: FuzzOptions, at: number): Run {
  const progress = new SharedArrayBuffer(8);
  const range = { from: from + at, to: from + inputs, step: workers };
  const workerData: FuzzWorkerData = { seed, ...range, progress, ...(octets === undefined ? {} : { octets }) };
  const worker = new Worker(join(import.meta.dirname, 'fuzz-worker.ts'), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const told = new Int32Array(progress);
  const { promise: ended, resolve } = Promise.withResolvers<FuzzFailure | null>();
  const { promise: failure, resolve: fail } = Promise.withResolvers<FuzzFailure>();
  let settled = false;
  const settle = (found: FuzzFailure | null): void => {
    // Behind its report a worker exits, which is no news.
    if (settled) return;
    settled = true;
    resolve(found);
    if (found !== null) fail(found);
  };
  worker.on('message', (report: FuzzWorkerReport) =>
    settle(report.wrong === null ? null : { index: report.index, kind: 'wrong', reason: report.wrong }),
  );
  worker.on('error', (error: Error) => settle({ index: Atomics.load(told, 0), kind: 'dies', reason: error.message }));
  worker.on('exit', (code) => settle({ index: Atomics.load(told, 0), kind: 'dies', reason: `exit code ${code}` }));
  return { worker, told, startedAt: performance.now(), ended, failure };
}

/** Settles with the first case that does not end; never where there is none. */
async function watch(runs: readonly Run[], options: FuzzOptions, finished: AbortSignal): Promise<FuzzFailure> {
  const since = new Map(runs.map((run) => [run, { done: 0, at: run.startedAt }]));
  const ended = new Set<Run>();
  for (const run of runs) void run.ended.then(() => ended.add(run));
  for (;;) {
    // Nobody asks any more: whoever awaits this has gone on.
    if (finished.aborted) return new Promise(() => undefined);
    await sleep(LOOK_MS);
    const now = performance.now();
    options.onProgress?.(runs.reduce((sum, run) => sum + doneBy(run), 0));
    const late = runs.find((run) => !ended.has(run) && isLate(run, since, { now, deadlineMs: options.deadlineMs }));
    if (late === undefined) continue;
    return { index: caseOf(late), kind: 'hangs', reason: `took more than ${options.deadlineMs} ms` };
  }
}

/** Notes where a run stands, and says whether it has stood there for too long. */
function isLate(
  run: Run,
  since: Map<Run, { done: number; at: number }>,
  { now, deadlineMs }: { readonly now: number; readonly deadlineMs: number },
): boolean {
  const last = since.get(run);
  const done = doneBy(run);
  if (last?.done === done) return now - last.at > (done === 0 ? START_MS : deadlineMs);
  since.set(run, { done, at: now });
  return false;
}
