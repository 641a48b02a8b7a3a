import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Flavour } from '#database/mysql/flavour.ts';
import { createData, serverEnvironment, serverProgram } from '#database/mysql/programs/create-data.ts';

const run = promisify(execFile);

/** Of a data directory for ever; for its making alone little memory will do. */
const CREATION: Readonly<Record<Flavour, readonly string[]>> = {
  mariadb: ['--lower-case-table-names=0'],
  mysql: ['--lower-case-table-names=0', '--innodb-buffer-pool-size=32M'],
};

/** The program of a MariaDB or MySQL server. */
export class ServerPrograms {
  readonly #directory: string;
  readonly #flavour: Flavour;

  constructor(directory: string, flavour: Flavour) {
    this.#directory = directory;
    this.#flavour = flavour;
  }

  get server(): string {
    return join(this.#directory, serverProgram[this.#flavour]);
  }

  /** For example "10.11.19". */
  async version(): Promise<string> {
    const { stdout } = await run(this.server, ['--no-defaults', '--version'], { env: { ...serverEnvironment } });
    const version = /\bVer (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version === undefined) throw new Error(`${this.server} does not tell its version: ${stdout.trim()}`);
    return version;
  }

  /** Whether files of a server of that version are for these programs: those of another series would have to be upgraded first. */
  async areOfSeries(version: string): Promise<boolean> {
    const series = (of: string): string => of.split('.').slice(0, 2).join('.');
    return series(version) === series(await this.version());
  }

  /** Makes an empty server in `directory`. */
  async initialize(directory: string, signal: AbortSignal): Promise<void> {
    const flavour = this.#flavour;
    await createData({ kind: flavour, bin: this.#directory, data: directory, options: CREATION[flavour], signal });
  }
}
