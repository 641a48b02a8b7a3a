import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { type FuzzFailure, runFuzz } from './run-fuzz.ts';
import { shrinkCase } from './shrink-case.ts';

/** `npm run fuzz -- [--inputs 1e7] [--seed N]`: what reads clients' commands and messages, under hostile input. */
type Options = {
  readonly inputs: number;
  readonly seed: number;
  readonly from: number;
  readonly workers: number;
  readonly deadline: number;
};

const WRONG_USAGE = 2;
const PROGRESS_MS = 2000;
const LARGEST_SEED = 2 ** 31 - 1;

await new Command('fuzz')
  .description(
    'Feeds what is nearly IMAP and nearly MIME to the framer, the parser and the MIME analyzer of imapd. Nothing may throw,\nhang, hold much memory, or be answered against the grammar of RFC 9051. The same seed makes the same inputs.',
  )
  .option('--inputs <n>', 'how many, for instance 1e7', count, 1_000_000)
  .option('--seed <n>', 'which ones; without it, any', count)
  .option('--from <index>', 'the first of them: to see one failure again', count, 0)
  .option('--workers <n>', 'threads', count, availableParallelism())
  .option('--deadline <ms>', 'one input may take so long', count, 5000)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : WRONG_USAGE))
  .action((options: Omit<Options, 'seed'> & Partial<Options>) =>
    run({ ...options, seed: options.seed ?? randomInt(LARGEST_SEED) }),
  )
  .parseAsync();

async function run({ inputs, seed, from, workers, deadline }: Options): Promise<void> {
  process.stdout.write(`seed ${seed}\n`);
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  let told = begun;
  const onProgress = (done: number): void => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    const rate = done / seconds();
    const left = Math.max(0, (inputs - done) / rate);
    process.stderr.write(`${done} of ${inputs}, ${rate.toFixed(0)} a second, ${left.toFixed(0)} s to go\n`);
  };
  const { done, failure } = await runFuzz({ seed, inputs, from, workers, deadlineMs: deadline, onProgress });
  if (failure === null) {
    process.stdout.write(`${done} inputs in ${seconds().toFixed(1)} s: nothing wrong\n`);
    return;
  }
  process.exitCode = 1;
  await tell(seed, failure, deadline);
}

async function tell(seed: number, failure: FuzzFailure, deadlineMs: number): Promise<void> {
  const { index, kind, reason } = failure;
  process.stdout.write(`Input ${index} ${kind === 'wrong' ? 'is answered wrongly' : kind}: ${reason}\n`);
  process.stdout.write(`Again: npm run fuzz -- --seed ${seed} --from ${index} --inputs 1\n`);
  const { layer, whole, shrunk } = await shrinkCase(seed, failure, deadlineMs);
  process.stdout.write(
    `${layer}, ${shrunk.length} octets (of ${whole.length}): ${JSON.stringify(shrunk.toString('latin1'))}\n`,
  );
}

/** Also as 1e7. */
function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('a whole number is wanted, such as 1e6');
  return value;
}
