import { writeFile } from 'node:fs/promises';
import { createRecorder } from './clients/recorder.ts';
import type { DemoCluster } from './cluster.ts';
import { openDemoCluster } from './demo-cluster.ts';
import { seededRandom } from './mail/generator.ts';
import { openMailSource } from './mail/mail-source.ts';
import { type DemoOptions, readOptions } from './options.ts';
import type { Run } from './run.ts';
import { play } from './scenes/play.ts';
import { createNarrator, type Narrator } from './terminal/narrator.ts';

/** `npm run demo`: the whole mission on real databases, narrated. See options.ts for what can be asked. */
const INTERRUPTED = 130;
const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)));
process.exitCode = await demo(options, stop.signal);

async function demo(chosen: DemoOptions, signal: AbortSignal): Promise<number> {
  const colours = chosen.color && (process.stdout.isTTY === true || process.env.FORCE_COLOR !== undefined);
  const narrator = createNarrator((text) => void process.stdout.write(text), colours);
  const mail = await openMailSource(chosen);
  const recorder = createRecorder(() => performance.now());
  narrator.heading('A mail cluster on this machine');
  const cluster = await open(signal, narrator);
  if (cluster === null) return signal.aborted ? INTERRUPTED : 1;
  const run: Run = {
    cluster,
    narrator,
    recorder,
    signal,
    random: seededRandom(chosen.seed),
    nextMail: mail.next,
    figures: { seed: chosen.seed },
  };
  try {
    const good = await play(run, { mail, sessions: chosen.sessions });
    if (chosen.json !== undefined) await writeReport(chosen.json, run);
    if (chosen.keep === true) await keepRunning(run);
    return good ? 0 : 1;
  } catch (cause) {
    if (signal.aborted) return INTERRUPTED;
    narrator.say(narrator.bad(`The demo failed: ${cause instanceof Error ? cause.message : String(cause)}`));
    return 1;
  } finally {
    await cluster.stop();
  }
}

async function open(signal: AbortSignal, narrator: Narrator): Promise<DemoCluster | null> {
  try {
    return await openDemoCluster({ signal, say: narrator.say });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!signal.aborted) narrator.say(narrator.bad(`The cluster did not come up: ${why}`));
    return null;
  }
}

async function writeReport(file: string, run: Run): Promise<void> {
  await writeFile(file, `${JSON.stringify({ ...run.figures, history: run.recorder.events }, null, 1)}\n`);
}

async function keepRunning(run: Run): Promise<void> {
  const { host, port } = run.cluster.endpoint;
  run.narrator.heading('Still running');
  run.narrator.say(
    `IMAP on ${host}:${port}, user ${String(run.figures.user)}, password ${String(run.figures.password)}`,
  );
  run.narrator.say(`npx imapctl --state ${run.cluster.stateDirectory} status`);
  run.narrator.say('Ctrl-C ends it and removes everything.');
  const { promise, resolve } = Promise.withResolvers<void>();
  run.signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
