import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, productName } from '#database/engine.ts';
import { withEngines } from '#demo/databases/engines.ts';
import { type Bench, type BenchContext, BenchRefusal, type Figure } from './bench.ts';
import { compare } from './dovecot/compare.ts';
import { fill, filledWith } from './dovecot/fill.ts';
import { openScene } from './dovecot/open-scene.ts';
import type { Operation, Scene } from './dovecot/operation.ts';
import { reading } from './dovecot/operations/reading.ts';
import { searching } from './dovecot/operations/searching.ts';
import { sessions } from './dovecot/operations/sessions.ts';
import { writing } from './dovecot/operations/writing.ts';
import { startOurs } from './dovecot/our-server.ts';

const MESSAGES = 10_000;
const LIMIT_MS = 45 * 60_000;
/** All others are compared with it. */
const REFERENCE = 'postgresql';
const OTHERS = ['mariadb', 'mysql'] as const satisfies readonly Engine[];
const PARTITION = 'users-a';

/** What is promised of the others, as a part of PostgreSQL's speed. */
const PROMISED: Readonly<Record<string, number>> = { 'append-16': 0.5, 'body-bulk-first': 0.6, 'envelope-first': 1 };

const operations: readonly Operation[] = [...reading, ...writing, ...searching, ...sessions];

/** The same imapd on each kind of database, side by side: what writes through is on the disk before it is acknowledged. */
export const engines: Bench = {
  name: 'engines',
  about: `MariaDB and MySQL beside PostgreSQL, round by round; --messages (${MESSAGES}), --only OP,OP… as of dovecot`,
  async run(given) {
    if (process.platform !== 'linux') throw new BenchRefusal('only Linux tells what processes take: /proc');
    const known = operations.map(({ name }) => name);
    const unknown = given.only?.filter((name) => !known.includes(name)) ?? [];
    if (unknown.length > 0) throw new BenchRefusal(`--only ${unknown.join(',')}: there are ${known.join(', ')}`);
    const context = { ...given, signal: AbortSignal.any([given.signal, AbortSignal.timeout(LIMIT_MS)]) };
    await using remains = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-bench-engines-'));
    remains.defer(() => rm(folder, { recursive: true, force: true }));
    const scenes = new Map<Engine, Scene>();
    for (const engine of [REFERENCE, ...OTHERS] as const)
      scenes.set(engine, await sceneOn(engine, { folder, context, remains }));
    return await measure(scenes, context);
  },
};

type Place = {
  readonly folder: string;
  readonly context: BenchContext;
  readonly remains: AsyncDisposableStack;
};

/** A cluster of its own on one server of the engine, filled. */
async function sceneOn(engine: Engine, { folder, context, remains }: Place): Promise<Scene> {
  const text = await readFile(join(import.meta.dirname, 'dovecot/one-server.yaml'), 'utf8');
  const manifest = join(folder, `${engine}.yaml`);
  await writeFile(manifest, withEngines(text, { [PARTITION]: engine }));
  const server = await startOurs(manifest, context);
  remains.defer(() => server.stop());
  const filled = filledWith(context.messages ?? MESSAGES);
  context.progress(`${productName[engine]}: ${filled.small} small messages, ${filled.large} of 20 KiB`);
  await fill(server, filled);
  const scene = await openScene(server, filled, context.signal);
  remains.defer(() => scene.close());
  return scene;
}

async function measure(scenes: ReadonlyMap<Engine, Scene>, context: BenchContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const theirs = scenes.get(REFERENCE);
  for (const operation of operations) {
    if (context.only?.includes(operation.name) === false) continue;
    for (const engine of OTHERS) {
      const ours = scenes.get(engine);
      if (ours === undefined || theirs === undefined) continue;
      const pair = { ours, theirs, than: productName[REFERENCE], atLeast: PROMISED[operation.name] ?? null };
      const figure = await compare(operation, pair, context);
      figures.push({ ...figure, what: `${productName[engine]}: ${figure.what}` });
      context.progress(`${productName[engine]}: ${operation.name}: ${figure.value.toFixed(2)} × ${pair.than}`);
    }
  }
  return figures;
}
