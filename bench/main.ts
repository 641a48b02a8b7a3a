import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import type { Bench, Figure } from './bench.ts';
import { benches } from './benches.ts';

/**
 * `npm run bench -- NAME… [--json FILE] [--runs N]`: measures and prints. Never part of the tests: a figure depends on the
 * machine; a kept or broken promise is shown, and decides the exit code only with `--strict`.
 */
type Options = { readonly json?: string; readonly runs: number; readonly strict?: boolean };

const program = new Command('bench')
  .description('Measures imapcluster on this machine.')
  .argument('[names...]', 'what to measure; none lists what there is')
  .option('--json <file>', 'write every figure to a file')
  .option('--runs <n>', 'how often a repeated measurement is repeated', Number, 10)
  .option('--strict', 'exit with 1 where a promise is not kept')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench -- failover --runs 10 --json failover.json\n  npm run bench -- select stream',
  )
  .action(run);
await program.parseAsync();

async function run(names: readonly string[], options: Options): Promise<void> {
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (names.length === 0 || unknown.length > 0) {
    if (unknown.length > 0) process.stderr.write(`No bench is named ${unknown.join(', ')}.\n`);
    for (const { name, about } of benches) process.stdout.write(`${name.padEnd(12)} ${about}\n`);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  const results = await measureAll(
    benches.filter((bench) => names.includes(bench.name)),
    options,
  );
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report(results), null, 2)}\n`);
  const broken = Object.values(results).some((figures) => figures.some((figure) => figure.kept === false));
  if (options.strict === true && broken) process.exitCode = 1;
}

async function measureAll(chosen: readonly Bench[], options: Options): Promise<Record<string, readonly Figure[]>> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const results: Record<string, readonly Figure[]> = {};
  for (const bench of chosen) {
    const progress = (text: string): void => void process.stderr.write(`${bench.name}: ${text}\n`);
    results[bench.name] = await bench.run({ progress, signal: stop.signal, runs: options.runs });
    print(bench.name, results[bench.name] ?? []);
  }
  return results;
}

function print(name: string, figures: readonly Figure[]): void {
  const table = new Table({ head: [name, 'value', 'unit', 'promise', ''], style: { head: [], border: [] } });
  for (const { what, value, unit, promise, kept } of figures) {
    const mark = { true: 'kept', false: 'BROKEN', undefined: '' }[String(kept)] ?? '';
    table.push([what, Number(value.toPrecision(4)).toString(), unit, promise ?? '', mark]);
  }
  process.stdout.write(`${table.toString()}\n`);
}

const report = (results: Readonly<Record<string, readonly Figure[]>>): object => ({
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cores: cpus().length,
  memoryBytes: totalmem(),
  results,
});
