import { access, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { DataState, Posture } from '../engine.ts';
import { flush, flushTree } from '../supervisor/flush-tree.ts';
import { killServer } from '../supervisor/kill-server.ts';
import { IdentityFile } from './identity-file.ts';
import { serverSocket } from './server-socket.ts';
import { accountsFile } from './settings/accounts-file.ts';
import { renderOptions } from './settings/options-file.ts';
import { postureOptions } from './settings/posture-options.ts';
import { pluginLines, serverOptions } from './settings/server-options.ts';

const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;

export type DataDirectoryOptions = {
  readonly flavour: Flavour;
  readonly path: string;
  readonly member: string;
  readonly database: string;
  readonly address: { readonly listenAddresses: string; readonly port: number; readonly socketDirectory: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly adminPassword: () => string;
};

/**
 * The files of one MariaDB or MySQL server. What is the agent's lies beside the data, which is the server's alone: options, the
 * agent's own account, and whether the server is a replica, which the server does not say when it is to follow nobody.
 */
export class DataDirectory {
  readonly #options: DataDirectoryOptions;
  readonly #identity: IdentityFile;

  constructor(options: DataDirectoryOptions) {
    this.#options = options;
    this.#identity = new IdentityFile(`${options.path}.server.json`);
  }

  get path(): string {
    return this.#options.path;
  }

  /** Where data is made until it is complete. */
  get incoming(): string {
    return `${this.path}.incoming`;
  }

  /** For what is needed until that is so, and not after. */
  get aside(): string {
    return `${this.path}.aside`;
  }

  /** For what is needed while a copy of this server is made for another member, which may be given up while this one is made anew. */
  get lent(): string {
    return `${this.path}.lent`;
  }

  get flavour(): Flavour {
    return this.#options.flavour;
  }

  get optionsFile(): string {
    return `${this.path}.cnf`;
  }

  get socketPath(): string {
    const { socketDirectory, port } = this.#options.address;
    return serverSocket(socketDirectory, port);
  }

  /** Of a server that runs while data is made. */
  get temporarySocketPath(): string {
    const { socketDirectory, port } = this.#options.address;
    return join(socketDirectory, `making.${port}.sock`);
  }

  /** Of whichever server runs. */
  get temporaryDirectory(): string {
    return `${this.path}.tmp`;
  }

  /** What the agent notes of what its server has received (replication/relayed.ts). */
  get relayedFile(): string {
    return `${this.path}.relayed.json`;
  }

  get #accountsFile(): string {
    return `${this.path}.accounts.sql`;
  }

  get #pidFile(): string {
    return join(this.path, 'server.pid');
  }

  async inspect(): Promise<DataState> {
    if (!(await exists(join(this.path, 'ibdata1')))) return 'empty';
    return (await this.#identity.read()).role;
  }

  turnInto(role: 'primary' | 'replica'): Promise<void> {
    return this.#identity.turnInto(role);
  }

  /** Process that the server itself has noted, once it is about to take connections; null where none has. */
  async notedProcess(): Promise<number | null> {
    const text = await readFile(this.#pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return text === null ? null : Number(text);
  }

  /** A new, empty folder to make data in. */
  async prepareIncoming(): Promise<string> {
    await this.clearUnfinished();
    await mkdir(this.incoming, { recursive: true, mode: PRIVATE_FOLDER });
    await chmod(this.incoming, PRIVATE_FOLDER);
    return this.incoming;
  }

  /** Ends whoever makes data still, for an agent that is no more, and removes what they made. */
  async clearUnfinished(): Promise<void> {
    for (const folder of [this.incoming, this.aside, this.lent]) {
      await killServer(folder, null);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What was made becomes the data directory, in one step. */
  async adoptIncoming(role: 'primary' | 'replica'): Promise<void> {
    await this.#identity.create(role);
    await flushTree(this.incoming);
    await rename(this.incoming, this.path);
    await flush(dirname(this.path));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await this.clearUnfinished();
    await rm(this.temporaryDirectory, { recursive: true, force: true });
    await this.#identity.remove();
  }

  /** Writes all configuration, for the next start. */
  async writeConfiguration(posture: Posture): Promise<void> {
    const { flavour, member, database, address, parameters, adminPassword } = this.#options;
    const { listenAddresses, port } = address;
    const { role, serverId } = await this.#identity.read();
    const place = {
      ...{ serverId, member, listenAddresses, port, socketPath: this.socketPath, dataDirectory: this.path },
      ...{ pidFile: this.#pidFile, accountsFile: this.#accountsFile, temporaryDirectory: this.temporaryDirectory },
    };
    await mkdir(this.temporaryDirectory, { recursive: true, mode: PRIVATE_FOLDER });
    const options = { ...serverOptions(flavour, place, parameters), ...postureOptions(flavour, role, posture) };
    const accounts = { password: adminPassword(), database, access: posture.access };
    await this.#replace(this.#accountsFile, accountsFile(flavour, accounts));
    await this.#replace(this.optionsFile, `${renderOptions(options)}${pluginLines(flavour)}`);
  }

  /** What a server noted that is no more. In a new container its process number may be somebody else's by now. */
  async removeServerNote(): Promise<void> {
    for (const left of [this.#pidFile, this.socketPath, `${this.socketPath}.lock`]) await rm(left, { force: true });
  }

  async #replace(path: string, content: string): Promise<void> {
    const aside = `${path}.new`;
    await writeFile(aside, content, { mode: PRIVATE });
    await rename(aside, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
