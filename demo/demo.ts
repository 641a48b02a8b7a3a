import { unanswered } from './checker/unanswered.ts';
import { createRecorder } from './clients/recorder.ts';
import type { DemoCluster } from './cluster.ts';
import { openDemoCluster } from './demo-cluster.ts';
import { derivedSeed } from './mail/derived-seed.ts';
import { seededRandom } from './mail/generator.ts';
import { type MailSource, openMailSource } from './mail/mail-source.ts';
import type { DemoOptions } from './options.ts';
import { checkWritable, writeReport } from './report.ts';
import type { Run } from './run.ts';
import { play } from './scenes/play.ts';
import { createNarrator, type Narrator } from './terminal/narrator.ts';
import { untilAborted } from './until-aborted.ts';

const EXIT = { good: 0, bad: 1, usage: 2, interrupted: 130 } as const;
/** Nothing that goes well takes so long, on however busy a machine. */
const RUN_LIMIT_MS = 420_000;
/** What is promised to people: the whole run, from the start of this process to its end. */
const PROMISED_SECONDS = 60;

/** Of those that wait in vain. */
const SHOWN = 5;

type Played = keyof Pick<typeof EXIT, 'good' | 'bad' | 'interrupted'>;
type Stage = Omit<Run, 'cluster' | 'signal'> & { readonly options: DemoOptions; readonly mail: MailSource };

/** The whole run; gives back the exit code once nothing of it is left. */
export async function demo(options: DemoOptions, stop: AbortSignal): Promise<number> {
  const colours = options.color && (process.stdout.isTTY === true || process.env.FORCE_COLOR !== undefined);
  const narrator = createNarrator((text) => void process.stdout.write(text), colours);
  const mail = await prepare(options, stop);
  if (mail === null) return stop.aborted ? EXIT.interrupted : EXIT.usage;
  const figures: Record<string, unknown> = {
    engine: options.engine,
    seed: options.seed,
    sessions: options.sessions,
  };
  const stage: Stage = {
    options,
    narrator,
    mail,
    figures,
    recorder: createRecorder(() => performance.now()),
    random: (name) => seededRandom(derivedSeed(options.seed, `${name} dice`)),
    mailOf: mail.mailOf,
  };
  const played = await perform(stage, stop);
  if (options.keep !== true) tellTime(stage);
  await report(stage);
  return EXIT[played];
}

/** What has to be right before anything is started; null, with a line on standard error, where it is not. */
async function prepare({ mbox, seed, json }: DemoOptions, signal: AbortSignal): Promise<MailSource | null> {
  try {
    if (json !== undefined) await checkWritable(json);
    const mail = await openMailSource({ mbox, seed, signal });
    return signal.aborted ? null : mail;
  } catch (cause) {
    if (!signal.aborted) process.stderr.write(`demo: ${messageOf(cause)}\n`);
    return null;
  }
}

/** Opens the cluster, plays, and removes everything, whatever happened. */
async function perform(stage: Stage, stop: AbortSignal): Promise<Played> {
  const { narrator, figures, options } = stage;
  let cluster: DemoCluster | null = null;
  let played: Played = 'bad';
  try {
    narrator.heading('A mail cluster on this machine');
    const { logLevel, engine } = options;
    cluster = await openDemoCluster({ signal: stop, say: narrator.say, logLevel, engine });
    played = (await playWithin(stage, cluster, stop)) ? 'good' : 'bad';
    if (options.keep === true) await keepRunning(stage, cluster, stop);
  } catch (cause) {
    if (stop.aborted) played = 'interrupted';
    else tellFailure(narrator, figures, cause);
  }
  try {
    await cluster?.stop();
  } catch (cause) {
    tellFailure(narrator, figures, cause);
    played = 'bad';
  }
  figures.outcome = played;
  if (played === 'bad' && options.logLevel === 'silent')
    narrator.say('--log-level info shows what the processes had to say.');
  return played;
}

/** Settles when the play is over, the time is up or somebody wants to stop, whatever a scene still waits for. */
async function playWithin(stage: Stage, cluster: DemoCluster, stop: AbortSignal): Promise<boolean> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(tooLate(stage)), RUN_LIMIT_MS);
  const signal = AbortSignal.any([stop, limit.signal]);
  const ended = untilAborted(signal).then((): never => {
    throw signal.reason;
  });
  const run: Run = { ...stage, cluster, signal };
  const playing = play(run, { mail: stage.mail, sessions: stage.options.sessions });
  try {
    return await Promise.race([playing, ended]);
  } finally {
    clearTimeout(timer);
    // Abandoned, it ends by itself: every session of it is closed with the cluster.
    playing.catch(() => false);
    // Fires without anybody waiting where a run is kept going until Ctrl-C.
    ended.catch(() => false);
  }
}

function tooLate({ recorder }: Stage): Error {
  const waiting = unanswered(recorder.events).map(({ client, name }) => `${client} for ${name}`);
  const whom = waiting.length === 0 ? '' : `; without an answer: ${waiting.slice(0, SHOWN).join(', ')}`;
  return new Error(`not through after ${RUN_LIMIT_MS / 1000} s${whom}`);
}

function tellFailure(narrator: Narrator, figures: Record<string, unknown>, cause: unknown): void {
  figures.error = messageOf(cause);
  narrator.say(narrator.bad(`The demo failed: ${messageOf(cause)}`));
}

/** From the start of this process. */
function tellTime({ figures, narrator }: Stage): void {
  const seconds = performance.now() / 1000;
  Object.assign(figures, { seconds, withinPromise: seconds <= PROMISED_SECONDS });
  const late = seconds <= PROMISED_SECONDS ? '' : `, more than the ${PROMISED_SECONDS} s promised`;
  narrator.say(`${seconds.toFixed(1)} s in all${late}.`);
}

async function report({ options, figures, recorder, narrator }: Stage): Promise<void> {
  if (options.json === undefined) return;
  try {
    await writeReport(options.json, { figures, recorder });
  } catch (cause) {
    narrator.say(narrator.bad(`The report was not written: ${messageOf(cause)}`));
  }
}

async function keepRunning(stage: Stage, { endpoint, stateDirectory }: DemoCluster, stop: AbortSignal): Promise<void> {
  const { narrator, figures } = stage;
  tellTime(stage);
  await report(stage);
  narrator.heading('Still running');
  const login = `user ${String(figures.user)}, password ${String(figures.password)}`;
  narrator.say(`IMAP on ${endpoint.host}:${endpoint.port}, ${login}`);
  narrator.say(`npx imapctl --state ${stateDirectory} status`);
  narrator.say('Ctrl-C ends it and removes everything.');
  await untilAborted(stop);
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
