import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { productName } from '#database/engine.ts';
import { type Flavour, flavourOf } from '#database/mysql/flavour.ts';
import { newestMajor } from '#database/mysql/newest-major.ts';
import { serverEnvironment, serverProgram } from '#database/mysql/programs/create-data.ts';
import { backupPrograms } from '#member/mysql/copying/backup-programs.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from '../run-as.ts';
import { exists } from './given-programs.ts';
import { isOlder, type Series, seriesOf, seriesText } from './server-version.ts';

/** A server that does: where its programs are, and of which series it is. `unfit`: why it does not, to follow "FOLDER: ". */
export type Judged =
  | { readonly folder: string; readonly series: Series }
  | { readonly folder: string; readonly unfit: string };

export type Demands = {
  readonly flavour: Flavour;
  /** Of this series, or newer. */
  readonly oldest: Series;
  readonly runAs: RunAs | null;
};

/** What the agent has a server load. */
const PLUGINS: Readonly<Record<Flavour, readonly string[]>> = {
  mariadb: ['auth_ed25519.so'],
  mysql: ['semisync_source.so', 'semisync_replica.so', 'mysql_clone.so'],
};
/** It prints all of its options. */
const MOST_OUTPUT = 16 << 20;
const DEADLINE_MS = 30_000;

/** Looks whether the server in a folder can be used: its product, its version, its plug-ins, its means of copying; null where there is none. */
export async function judgeServer(folder: string, { flavour, oldest, runAs }: Demands): Promise<Judged | null> {
  const program = join(folder, serverProgram[flavour]);
  if (!(await exists(program))) return null;
  const unfit = (why: string): Judged => ({ folder, unfit: why });
  if (!(await isReachableFor(runAs, program))) {
    return unfit(`${serverProgram[flavour]} cannot be read by the user that runs the databases`);
  }
  const said = await whatItSays(program, runAs);
  if (said instanceof Error) return unfit(`${serverProgram[flavour]} does not run: ${said.message.trim()}`);
  const version = /\bVer (\S+(?: .*)?)$/m.exec(said)?.[1] ?? '';
  const series = seriesOf(version);
  if (series === null || flavourOf(version) !== flavour) {
    return unfit(`${serverProgram[flavour]} is no ${productName[flavour]}: ${version || 'it tells no version'}`);
  }
  if (isOlder(series, oldest)) {
    return unfit(`it has ${productName[flavour]} ${seriesText(series)}, and ${seriesText(oldest)} or newer is needed`);
  }
  if (series[0] > newestMajor[flavour]) {
    return unfit(
      `it has ${productName[flavour]} ${seriesText(series)}, and none newer than ${newestMajor[flavour]} is understood yet`,
    );
  }
  const plugins = /^plugin-dir\s+(\S+)$/m.exec(said)?.[1] ?? '';
  for (const plugin of PLUGINS[flavour]) {
    if (!(await exists(join(plugins, plugin)))) return unfit(`${plugins} has no ${plugin}`);
  }
  if (flavour === 'mariadb' && (await backupPrograms(program)) === null) {
    return unfit('there is no mariadb-backup beside it, by which members are copied');
  }
  return { folder, series };
}

/** Started by root, MySQL says nothing. */
async function whatItSays(program: string, runAs: RunAs | null): Promise<string | Error> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--no-defaults', '--verbose', '--help'], {
      ...(runAs ?? {}),
      cwd: '/',
      env: { ...serverEnvironment },
      maxBuffer: MOST_OUTPUT,
      timeout: DEADLINE_MS,
    });
    return stdout;
  } catch (cause) {
    return cause as Error;
  }
}
