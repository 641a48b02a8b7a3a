import { delimiter, isAbsolute } from 'node:path';
import { productName } from '#database/engine.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { serverProgram } from '#database/mysql/programs/create-data.ts';
import type { ServerName } from '#database/programs/catalogue.ts';
import { ensureServer, ServerUnavailable } from '#database/programs/ensure-server.ts';
import { StandaloneError } from '../standalone-error.ts';
import { checkGiven } from './given-programs.ts';
import { type Demands, type Judged, judgeServer } from './installed-server.ts';
import { seriesText } from './server-version.ts';

export type MysqlOptions = Demands & {
  /** `--mariadb-bin` or `--mysql-bin`. */
  readonly given: string | undefined;
  readonly signal: AbortSignal;
};

type Found = Extract<Judged, { readonly series: unknown }>;

/** Where Debian, Fedora and the vendors put servers, which not every PATH names. */
const USUAL_FOLDERS = [
  '/usr/sbin',
  '/usr/libexec',
  '/usr/local/sbin',
  '/usr/local/mysql/bin',
  '/usr/local/mariadb/bin',
];

/** What is fetched where nothing is installed. */
const FETCHED = { mariadb: 'mariadb-11.8', mysql: 'mysql-9.7' } as const satisfies Record<Flavour, ServerName>;
const PACKAGES = { mariadb: 'mariadb-server and mariadb-backup', mysql: 'mysql-server' } as const;

/**
 * The folder with `mariadbd` or `mysqld`: the one given, else that of a server of this machine, else one that is fetched from
 * Debian's packages into a cache, in seconds, the first time.
 *
 * @throws StandaloneError ServerStartFailed, with what is wrong about each
 */
export async function mysqlPrograms(options: MysqlOptions): Promise<Found> {
  const { flavour, given, runAs } = options;
  const option = `--${flavour}-bin`;
  if (given !== undefined) {
    await checkGiven({ option, folder: given, names: [serverProgram[flavour]], runAs });
    const judged = await judgeServer(given, options);
    if (judged !== null && 'series' in judged) return judged;
    throw new StandaloneError('ServerStartFailed', `${option} ${given}: ${judged?.unfit}`);
  }
  const tried: Judged[] = [];
  for (const folder of foldersOf(process.env.PATH ?? '')) {
    const judged = await judgeServer(folder, options);
    if (judged !== null && 'series' in judged) return judged;
    if (judged !== null) tried.push(judged);
  }
  const fetched = await fetchServer(options);
  if (typeof fetched !== 'string' && 'series' in fetched) return fetched;
  const why = typeof fetched === 'string' ? fetched : `${FETCHED[flavour]}: ${fetched.unfit}`;
  const reasons = [...tried.map((one) => ('unfit' in one ? `${one.folder}: ${one.unfit}` : one.folder)), why];
  const needed = `${productName[flavour]} ${seriesText(options.oldest)} or newer`;
  const advice = `install ${needed} (Debian: ${PACKAGES[flavour]}) or name its folder of programs with ${option}`;
  throw new StandaloneError('ServerStartFailed', `no ${needed} was found (${reasons.join('; ')}): ${advice}`);
}

/** The reason where it cannot be had. */
async function fetchServer({ signal, ...demands }: MysqlOptions): Promise<Judged | string> {
  const name = FETCHED[demands.flavour];
  try {
    const folder = await ensureServer(name, signal);
    return (await judgeServer(folder, demands)) ?? `${name}: nothing is in ${folder}`;
  } catch (error) {
    if (error instanceof ServerUnavailable) return error.message;
    throw error;
  }
}

const foldersOf = (path: string): readonly string[] => [
  ...new Set([...path.split(delimiter).filter(isAbsolute), ...USUAL_FOLDERS]),
];
