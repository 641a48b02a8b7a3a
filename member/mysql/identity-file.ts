import { randomInt } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { flush } from '../supervisor/flush-tree.ts';

const Identity = Type.Object({
  /** `server_id`, of this data alone: a server skips what it finds in a log under its own, and would so what it lost with older data. */
  serverId: Type.Integer({ minimum: 2, maximum: 2 ** 32 - 1 }),
  /** A server that is to follow nobody does not tell whether it is a replica. */
  role: Type.Union([Type.Literal('primary'), Type.Literal('replica')]),
});
export type Identity = Static<typeof Identity>;

/** 0 is nobody's, and 1 the default of everybody's. */
const FIRST = 2;
/** `randomInt` takes ranges of less than 2^48. */
const END = 2 ** 32;

/** What the agent notes of a server's data beside it. */
export class IdentityFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Of data that is made, for as long as it lasts. */
  async create(role: Identity['role']): Promise<void> {
    await this.#write({ serverId: randomInt(FIRST, END), role });
  }

  /** @throws Error where there is none, or nothing that can be read: data of somebody else */
  async read(): Promise<Identity> {
    return Value.Parse(Identity, JSON.parse(await readFile(this.#path, 'utf8')));
  }

  async turnInto(role: Identity['role']): Promise<void> {
    await this.#write({ ...(await this.read()), role });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #write(identity: Identity): Promise<void> {
    await writeFile(`${this.#path}.new`, JSON.stringify(identity), { mode: 0o600, flush: true });
    await rename(`${this.#path}.new`, this.#path);
    await flush(dirname(this.#path));
  }
}
