import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Bench, type BenchContext, BenchRefusal, type Figure } from './bench.ts';
import { benches } from './benches.ts';
import { figuresTable } from './figures-table.ts';

/**
 * `npm run bench -- NAME… [--json FILE] [--runs N]`: measures and prints. Never part of the tests: a figure depends on the
 * machine; a kept or broken promise is shown, and decides the exit code only with `--strict`.
 */
type Options = Pick<BenchContext, 'runs' | 'engine' | 'messages' | 'only' | 'profile'> & {
  readonly json?: string;
  readonly strict?: boolean;
};
type Results = Readonly<Record<string, readonly Figure[]>>;

const NAME_WIDTH = 12;
const WRONG_USAGE = 2;

await new Command('bench')
  .description('Measures imapcluster on this machine. Without a name: what can be measured.')
  .argument('[names...]', 'what to measure')
  .option('--json <file>', 'write every figure to a file')
  .option('--runs <n>', 'how often a repeated measurement is repeated', count, 10)
  .addOption(
    new Option(
      '--engine <name>',
      'failover, switchover (else PostgreSQL), lag (else all): what the databases are',
    ).choices(['postgresql', 'mariadb', 'mysql']),
  )
  .option('--messages <n>', 'dovecot: messages in the mailbox, and at most so many idle sessions', count)
  .option('--only <operations>', 'dovecot: these operations alone, with commas between them', (text) => text.split(','))
  .option('--profile', 'dovecot: where our time goes, for what falls short of a promise')
  .option('--strict', 'exit with 1 where a promise is not kept')
  .addHelpText('after', `\nBenches:\n${list()}\nExamples:\n${examples()}`)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : WRONG_USAGE))
  .action(run)
  .parseAsync();

async function run(names: readonly string[], options: Options): Promise<void> {
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`No bench is named ${unknown.join(', ')}. There are:\n${list()}`);
    process.exitCode = WRONG_USAGE;
    return;
  }
  if (names.length === 0) {
    process.stdout.write(`${list()}\nnpm run bench -- NAME… [--runs N] [--json FILE] [--strict]\n`);
    return;
  }
  const chosen = benches.filter((bench) => names.includes(bench.name));
  const deaf = chosen.filter(({ takesEngine }) => options.engine !== undefined && takesEngine !== true);
  if (deaf.length > 0) {
    process.stderr.write(`--engine means nothing to ${deaf.map(({ name }) => name).join(', ')}.\n`);
    process.exitCode = WRONG_USAGE;
    return;
  }
  const results = await measureAll(chosen, options).catch((cause: Error) => {
    if (!(cause instanceof BenchRefusal)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exit(WRONG_USAGE);
  });
  const broken = Object.values(results).some((figures) => figures.some((figure) => figure.kept === false));
  if (options.strict === true && broken) process.exitCode = 1;
}

/** The file is written after each bench: what was measured is not lost where a later one fails. */
async function measureAll(chosen: readonly Bench[], { json, ...options }: Options): Promise<Results> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const results: Record<string, readonly Figure[]> = {};
  for (const bench of chosen) {
    const progress = (text: string): void => void process.stderr.write(`${bench.name}: ${text}\n`);
    const figures = await bench.run({ ...options, progress, signal: stop.signal });
    results[bench.name] = figures;
    process.stdout.write(figuresTable(bench.name, figures));
    warnOfLoad();
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report(results), null, 2)}\n`);
  }
  return results;
}

function warnOfLoad(): void {
  const [load = 0] = loadavg();
  if (load <= cpus().length) return;
  process.stdout.write(`Load ${load.toFixed(1)} on ${cpus().length} cores: figures of time say little.\n`);
}

function report(results: Results): object {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: cpus().length,
    memoryBytes: totalmem(),
    load: loadavg(),
    results,
  };
}

function list(): string {
  return benches.map(({ name, about }) => `  ${name.padEnd(NAME_WIDTH)} ${about}\n`).join('');
}

function examples(): string {
  return '  npm run bench -- failover --runs 10 --json failover.json\n  npm run bench -- failover lag --engine mariadb\n  npm run bench -- select stream\n  npm run bench -- dovecot --messages 2000 --only noop,copy --profile --json dovecot.json\n';
}

function count(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1) throw new InvalidArgumentError('a whole number from 1 on is expected');
  return runs;
}
