import { type Engine, productName } from '#database/engine.ts';
import { ASYNC, castOf, QUORUM } from '#demo/cast.ts';
import { createRecorder } from '#demo/clients/recorder.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import { derivedSeed } from '#demo/mail/derived-seed.ts';
import { createMailGenerator, seededRandom } from '#demo/mail/generator.ts';
import type { Run } from '#demo/run.ts';
import { startLoad } from '#demo/scenes/load.ts';
import { type FailoverFigures, losePrimary } from '#demo/scenes/lose-primary.ts';
import { type SwitchoverFigures, switchPrimary } from '#demo/scenes/switch-primary.ts';
import { createNarrator } from '#demo/terminal/narrator.ts';
import { defaultTuning } from '#operator/tuning.ts';
import { pause } from '#runtime/deadline.ts';
import { type Bench, type BenchContext, type Figure, promised, quantile } from './bench.ts';
import { untilWhole } from './until-whole.ts';

const SEED = 1;
const USERS = 3;
const MIX = { idle: 6, list: 1, read: 2, write: 4 };
const KILL_PROMISE_MS = 1_000;
/** The others notice a primary that is silent a second later. */
const HANG_PROMISE_MS: Readonly<Record<Engine, number>> = { postgresql: 4_000, mariadb: 5_000, mysql: 5_000 };
const SWITCHOVER_PROMISE_MS = 500;
const PUSH_PROMISE_MS = 100;
/** A promotion is recorded a little after the loss that it answers. */
const MARGIN_MS = 10_000;
const NINE_OF_TEN = 0.8999;

/**
 * The primary is changed in order, then killed, then made to hang, again and again, while clients write; how long until the next
 * OK. The databases are PostgreSQL unless `--engine` says otherwise.
 */
export const failover: Bench = {
  name: 'failover',
  about: 'switchover, kill -9 and hang of a primary → no acknowledged write for how long; push of the new target',
  takesEngine: true,
  async run(context) {
    const { signal, progress, engine = 'postgresql' } = context;
    const cluster = await openDemoCluster({ signal, say: progress, engine });
    const run: Run = {
      cluster,
      narrator: createNarrator(() => undefined, false),
      recorder: createRecorder(() => performance.now()),
      signal,
      random: (name) => seededRandom(derivedSeed(SEED, `${name} dice`)),
      mailOf: (name) => createMailGenerator(derivedSeed(SEED, name)),
      figures: {},
    };
    try {
      const cast = castOf({ [QUORUM]: USERS, [ASYNC]: 0 }, 'bench password');
      for (const { user, password } of cast) await cluster.createUser(user, password);
      const load = await startLoad(run, cast, MIX);
      const switchovers = await repeatSwitchover(run, context);
      const pace = createPace(context);
      const kills = await repeat(run, { context, pace, how: 'kill' });
      const hangs = await repeat(run, { context, pace, how: 'hang' });
      await load.rest();
      return [
        ...figuresOfSwitchover(switchovers),
        ...figuresOf('kill -9', kills, KILL_PROMISE_MS),
        ...figuresOf('hang', hangs, HANG_PROMISE_MS[engine]),
      ].map((figure) => ({ ...figure, what: `${productName[engine]}: ${figure.what}` }));
    } finally {
      await cluster.stop();
    }
  },
};

type Repetition = {
  readonly context: BenchContext;
  readonly pace: () => Promise<void>;
  readonly how: 'kill' | 'hang';
};

async function repeat(run: Run, { context, pace, how }: Repetition): Promise<readonly FailoverFigures[]> {
  const results: FailoverFigures[] = [];
  for (let i = 0; i < context.runs; i++) {
    await untilWhole(run.cluster, run.signal);
    await pace();
    const figures = await losePrimary(run, QUORUM, how);
    results.push(figures);
    context.progress(
      `${how} ${i + 1}/${context.runs}: first write after ${Math.round(figures.firstWriteMs)} ms (${phasesOf(figures)})`,
    );
  }
  return results;
}

/** No promotion that the operator counts: as many as one likes, one after the other. */
async function repeatSwitchover(run: Run, { runs, progress }: BenchContext): Promise<readonly SwitchoverFigures[]> {
  const results: SwitchoverFigures[] = [];
  for (let i = 0; i < runs; i++) {
    await untilWhole(run.cluster, run.signal);
    const figures = await switchPrimary(run, QUORUM);
    results.push(figures);
    const [pauseMs, tookMs] = [Math.round(figures.pauseMs), Math.round(figures.tookMs)];
    progress(`switchover ${i + 1}/${runs}: ${pauseMs} ms without a write, ${tookMs} ms in all (${phasesOf(figures)})`);
  }
  return results;
}

const phasesOf = ({ phases }: Pick<FailoverFigures, 'phases'>): string =>
  Object.entries(phases)
    .map(([name, ms]) => `${name} ${Math.round(ms)}`)
    .join(', ');

/**
 * More promotions in a short time than `maxPromotions` and the operator waits for a person, as it shall: so no more than
 * that many losses fall into its window.
 */
function createPace({ signal, progress }: BenchContext): () => Promise<void> {
  const { maxPromotions, promotionWindowMs } = defaultTuning;
  const begun: number[] = [];
  return async () => {
    const earliest = begun.at(1 - maxPromotions);
    const wait = earliest === undefined ? 0 : earliest + promotionWindowMs + MARGIN_MS - performance.now();
    if (wait > 0) {
      progress(`waiting ${(wait / 1000).toFixed(0)} s: the operator promotes ${maxPromotions} times a minute at most`);
      await pause(wait, signal);
    }
    begun.push(performance.now());
  };
}

function figuresOfSwitchover(runs: readonly SwitchoverFigures[]): readonly Figure[] {
  const pauses = runs.map((r) => r.pauseMs);
  const what = 'switchover → without an acknowledged write';
  return [
    { what: `${what}, median`, value: quantile(pauses, 0.5), unit: 'ms' },
    promised({
      what: `${what}, 9 of 10`,
      value: quantile(pauses, NINE_OF_TEN),
      unit: 'ms',
      atMost: SWITCHOVER_PROMISE_MS,
    }),
    { what: `${what}, worst`, value: Math.max(...pauses), unit: 'ms' },
  ];
}

function figuresOf(what: string, runs: readonly FailoverFigures[], promiseMs: number): readonly Figure[] {
  const writes = runs.map((r) => r.firstWriteMs);
  const pushes = runs.flatMap((r) => (r.phases.retarget === undefined ? [] : [r.phases.retarget]));
  const nine = quantile(writes, NINE_OF_TEN);
  const push = quantile(pushes, NINE_OF_TEN);
  return [
    { what: `${what} → first acknowledged write, median`, value: quantile(writes, 0.5), unit: 'ms' },
    {
      what: `${what} → first acknowledged write, 9 of 10`,
      value: nine,
      unit: 'ms',
      promise: `≤ ${promiseMs}`,
      kept: nine <= promiseMs,
    },
    { what: `${what} → first acknowledged write, worst`, value: Math.max(...writes), unit: 'ms' },
    {
      what: `${what}: push to last ack, 9 of 10`,
      value: push,
      unit: 'ms',
      promise: `< ${PUSH_PROMISE_MS}`,
      kept: push < PUSH_PROMISE_MS,
    },
  ];
}
