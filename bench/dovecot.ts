import { type Bench, type BenchContext, BenchRefusal, type Figure } from './bench.ts';
import { compare, roundOf, type Scenes } from './dovecot/compare.ts';
import { dovecotVersion, startDovecot } from './dovecot/dovecot-server.ts';
import { fill, filledWith } from './dovecot/fill.ts';
import { idleMemory } from './dovecot/idle-memory.ts';
import { idleNews, idleNewsOfAnother } from './dovecot/idle-news.ts';
import { openScene } from './dovecot/open-scene.ts';
import type { Operation } from './dovecot/operation.ts';
import { reading } from './dovecot/operations/reading.ts';
import { searching } from './dovecot/operations/searching.ts';
import { sessions } from './dovecot/operations/sessions.ts';
import { writing } from './dovecot/operations/writing.ts';
import { type OurServer, startOurs } from './dovecot/our-server.ts';
import { profiled } from './dovecot/profile.ts';
import type { Side } from './dovecot/side.ts';

const MESSAGES = 10_000;
/** Of the whole bench; it cleans up when it is over. */
const LIMIT_MS = 45 * 60_000;
const PROFILE_MS = 3_000;

const operations: readonly Operation[] = [...reading, ...writing, ...searching, ...sessions];
const MEMORY = 'idle-memory';
const NEWS = 'idle-news';
const NEWS_OF_ANOTHER = 'idle-news-other';
const names = [...operations.map(({ name }) => name), NEWS, MEMORY, NEWS_OF_ANOTHER];

/**
 * Debian's Dovecot and a standalone imapd on one PostgreSQL server, side by side on this machine: the same messages, the
 * same client, a round here and a round there.
 */
export const dovecot: Bench = {
  name: 'dovecot',
  about: `beside Dovecot 2.3 (apt-get install dovecot-imapd), round by round; --messages (${MESSAGES}), --only OP,OP…, --profile.\n${' '.repeat(15)}OPs: ${names.join(' ')}`,
  async run(given) {
    if (process.platform !== 'linux') throw new BenchRefusal('only Linux tells what processes take: /proc');
    const signal = AbortSignal.any([given.signal, AbortSignal.timeout(LIMIT_MS)]);
    const context = { ...given, signal };
    const unknown = given.only?.filter((name) => !names.includes(name)) ?? [];
    if (unknown.length > 0) throw new BenchRefusal(`--only ${unknown.join(',')}: there are ${names.join(', ')}`);
    const figures = await sideBySide(context);
    if (wanted(context, NEWS_OF_ANOTHER)) figures.push(await idleNewsOfAnother(context));
    return figures;
  },
};

const wanted = ({ only }: BenchContext, name: string): boolean => only === undefined || only.includes(name);

async function sideBySide(context: BenchContext): Promise<Figure[]> {
  if (context.only?.every((name) => name === NEWS_OF_ANOTHER) === true) return [];
  const version = await dovecotVersion();
  const ours = await startOurs('one-server.yaml', context);
  try {
    const theirs = await startDovecot(version, ours.certificate);
    try {
      return await measureBoth(ours, theirs, context);
    } finally {
      await theirs.stop();
    }
  } finally {
    await ours.stop();
  }
}

async function measureBoth(ours: OurServer, theirs: Side, context: BenchContext): Promise<Figure[]> {
  const filled = filledWith(context.messages ?? MESSAGES);
  context.progress(`${ours.version}, ${theirs.version}: ${filled.small} small messages, ${filled.large} of 20 KiB`);
  for (const side of [ours, theirs]) await fill(side, filled);
  const scenes = {
    ours: await openScene(ours, filled, context.signal),
    dovecot: await openScene(theirs, filled, context.signal),
  };
  try {
    const chosen = operations.filter(({ name }) => wanted(context, name));
    const figures: Figure[] = [];
    for (const operation of chosen) {
      const { ours: here, dovecot: theirs } = scenes;
      const pair = { ours: here, theirs, than: 'Dovecot', atLeast: operation.atLeast };
      const figure = await compare(operation, pair, context);
      context.progress(`${operation.name}: ${figure.value.toFixed(2)} × Dovecot (${figure.promise})`);
      figures.push(figure);
    }
    const more = wanted(context, NEWS) ? [await idleNews(scenes, context)] : [];
    if (wanted(context, MEMORY)) more.push(...(await idleMemory(scenes, ours, context)));
    const profiles = context.profile === true ? await profilesOf(chosen, figures, { ours, scenes }) : figures;
    return [...profiles, ...more];
  } finally {
    for (const scene of Object.values(scenes)) scene.close();
  }
}

type Where = { readonly ours: OurServer; readonly scenes: Scenes };

/** Once more for what fell short, with a profiler in imapd; when all is measured, for nobody knows what it leaves behind. */
async function profilesOf(
  chosen: readonly Operation[],
  figures: readonly Figure[],
  { ours, scenes }: Where,
): Promise<readonly Figure[]> {
  const [pid = 0] = await ours.imapdPids();
  const profiles: Figure[] = [];
  for (const [i, operation] of chosen.entries()) {
    const figure = figures[i];
    if (figure === undefined) continue;
    if (figure.kept !== false) profiles.push(figure);
    else {
      const rows = await profiled(pid, () => roundOf(operation, scenes.ours, PROFILE_MS));
      await operation.tidy?.(scenes.ours);
      profiles.push({ ...figure, profile: rows });
    }
  }
  return profiles;
}
