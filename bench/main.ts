import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import type { Bench, Figure } from './bench.ts';
import { benches } from './benches.ts';

/**
 * `npm run bench -- NAME… [--json FILE] [--runs N]`: measures and prints. Never part of the tests: a figure depends on the
 * machine; a kept or broken promise is shown, and decides the exit code only with `--strict`.
 */
type Options = { readonly json?: string; readonly runs: number; readonly strict?: boolean };
type Results = Readonly<Record<string, readonly Figure[]>>;

const NAME_WIDTH = 12;
const WRONG_USAGE = 2;

await new Command('bench')
  .description('Measures imapcluster on this machine. Without a name: what can be measured.')
  .argument('[names...]', 'what to measure')
  .option('--json <file>', 'write every figure to a file')
  .option('--runs <n>', 'how often a repeated measurement is repeated', count, 10)
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
  const results = await measureAll(chosen, options);
  const broken = Object.values(results).some((figures) => figures.some((figure) => figure.kept === false));
  if (options.strict === true && broken) process.exitCode = 1;
}

/** The file is written after each bench: what was measured is not lost where a later one fails. */
async function measureAll(chosen: readonly Bench[], { json, runs }: Options): Promise<Results> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const results: Record<string, readonly Figure[]> = {};
  for (const bench of chosen) {
    const progress = (text: string): void => void process.stderr.write(`${bench.name}: ${text}\n`);
    const figures = await bench.run({ progress, signal: stop.signal, runs });
    results[bench.name] = figures;
    print(bench.name, figures);
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report(results), null, 2)}\n`);
  }
  return results;
}

function print(name: string, figures: readonly Figure[]): void {
  const table = new Table({ head: [name, 'measured', 'unit', 'promise', 'verdict'], style: { head: [], border: [] } });
  for (const { what, value, unit, promise, kept } of figures) {
    const verdict = { true: 'kept', false: 'BROKEN', undefined: '' }[String(kept)] ?? '';
    table.push([what, Number(value.toPrecision(4)).toString(), unit, promise ?? '', verdict]);
  }
  process.stdout.write(`${table.toString()}\n`);
  const [load = 0] = loadavg();
  if (load > cpus().length) {
    process.stdout.write(`Load ${load.toFixed(1)} on ${cpus().length} cores: figures of time say little.\n`);
  }
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
  return '  npm run bench -- failover --runs 10 --json failover.json\n  npm run bench -- select stream\n';
}

function count(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1) throw new InvalidArgumentError('a whole number from 1 on is expected');
  return runs;
}
