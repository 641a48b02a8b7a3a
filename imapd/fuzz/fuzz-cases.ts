import { commandInput } from './command-input.ts';
import { examineCommands } from './examine-commands.ts';
import { examineMessage } from './examine-message.ts';
import { messageInput } from './message-input.ts';
import { Random } from './random.ts';

export type FuzzCase = { readonly layer: 'commands' | 'message'; readonly octets: Buffer };

/** Of ten cases so many are messages. */
const MESSAGES = 2;
/** What examines must not draw from what generates: a shrunk input is examined as the whole one was. */
const EXAMINING = 0x5eed;

/** The cases of a seed, by their index: made and examined the same wherever that happens. */
export class FuzzCases {
  readonly #seed: number;
  readonly #command: (random: Random) => Buffer;

  constructor(seed: number) {
    this.#seed = seed;
    this.#command = commandInput(seed);
  }

  make(index: number): FuzzCase {
    const random = new Random(this.#seed, index);
    if (index % 10 < MESSAGES) return { layer: 'message', octets: messageInput(random) };
    return { layer: 'commands', octets: this.#command(random) };
  }

  /** @throws Error that says what is wrong */
  examine({ layer, octets }: FuzzCase, index: number): void {
    const random = new Random(this.#seed ^ EXAMINING, index);
    if (layer === 'message') examineMessage(octets, random);
    else examineCommands(octets, random);
  }
}
