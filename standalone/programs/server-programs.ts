import { Type } from 'typebox';
import type { Engine } from '#database/engine.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { writeFileAtomically } from '../state/atomic-file.ts';
import { readKept } from '../state/kept-value.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { mysqlPrograms } from './mysql-programs.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { isOlder, type Series, seriesOf, seriesText } from './server-version.ts';

/** The folder of programs of every engine that a run has servers of. */
export type ServerPrograms = ReadonlyMap<Engine, string>;

export type ProgramOptions = {
  readonly state: StateFolder;
  /** Folders named on the command line. */
  readonly given: Readonly<Partial<Record<Engine, string | undefined>>>;
  readonly runAs: RunAs | null;
  readonly signal: AbortSignal;
};

/** The oldest that the agent knows. */
const OLDEST: Readonly<Record<Flavour, Series>> = { mariadb: [10, 11], mysql: [8, 4] };

const VERSIONS_FILE = 'server-versions.json';
const Version = Type.String({ pattern: String.raw`^\d+\.\d+$` });
const Versions = Type.Object({ mariadb: Type.Optional(Version), mysql: Type.Optional(Version) });

/**
 * Finds the programs of these engines. Servers of MariaDB and MySQL take over data of older ones, for good: which series has had
 * the data is noted, so that one that is installed later, and older, is not let near it.
 *
 * @throws StandaloneError ServerStartFailed where there are none for this machine
 */
export async function serverPrograms(
  engines: ReadonlySet<Engine>,
  { state, given, runAs, signal }: ProgramOptions,
): Promise<ServerPrograms> {
  const programs = new Map<Engine, string>();
  const file = state.file(VERSIONS_FILE);
  const had = (await readKept(file, Versions)) ?? {};
  const has = { ...had };
  for (const engine of engines) {
    if (engine === 'postgresql') {
      programs.set(engine, await postgresPrograms({ state, given: given.postgresql, runAs }));
      continue;
    }
    const oldest = newer(OLDEST[engine], seriesOf(had[engine] ?? ''));
    const found = await mysqlPrograms({ flavour: engine, given: given[engine], oldest, runAs, signal });
    programs.set(engine, found.folder);
    has[engine] = seriesText(found.series);
  }
  if (JSON.stringify(has) !== JSON.stringify(had)) await writeFileAtomically(file, `${JSON.stringify(has)}\n`);
  return programs;
}

const newer = (a: Series, b: Series | null): Series => (b === null || isOlder(b, a) ? a : b);
