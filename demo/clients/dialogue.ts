import type { OpenCommand } from '../checker/history.ts';

type Entry = { readonly src?: unknown; readonly msg?: unknown };
type Sent = OpenCommand & {
  readonly tag: string;
  /** In IDLE: no answer is due before the client ends it. */
  readonly rests: boolean;
};

/**
 * What one session says and hears: one command after the other, as imapflow does it. Keeps the command that has no answer
 * yet, which is what a BYE is held against.
 */
export class Dialogue {
  readonly #now: () => number;
  readonly #onBye: (words: string, open: OpenCommand | null) => void;
  /** Mostly one. What is heard may be told here after imapflow has gone on to the next. */
  #sent: readonly Sent[] = [];

  constructor(now: () => number, onBye: (words: string, open: OpenCommand | null) => void) {
    this.#now = now;
    this.#onBye = onBye;
  }

  /** An entry of imapflow's log; those that are nothing it says are passed over. */
  readonly note = ({ src, msg }: Entry): void => {
    if (src !== 'c' || typeof msg !== 'string') return;
    const [tag = '', name = ''] = msg.split(' ');
    const command = { at: this.#now(), heard: false, rests: false };
    if (/^[0-9A-F]+$/.test(tag)) this.#sent = [...this.#sent, { tag, name: name.toUpperCase(), ...command }];
    // What the server tells until it reads this belongs to IDLE.
    if (msg === 'DONE')
      this.#sent = this.#sent.with(-1, { tag: this.#sent.at(-1)?.tag ?? '', name: 'DONE', ...command });
  };

  /** The first line of a response, and when it arrived. Gives the command whose last answer it is, null where it is none. */
  heard(line: string, at: number): string | null {
    const [tag, name = ''] = line.split(' ');
    const [open, ...later] = this.#sent;
    if (tag === '*' && name.toUpperCase() === 'BYE') this.#bye(line.slice('* BYE '.length), at, open);
    if (open === undefined) return null;
    if (tag === open.tag) {
      this.#sent = later;
      return open.name;
    }
    const rests = open.rests || (tag === '+' && open.name === 'IDLE');
    const heard = open.name !== 'IDLE' && open.name !== 'DONE';
    this.#sent = [{ ...open, rests, heard }, ...later];
    return null;
  }

  #bye(words: string, at: number, command: Sent | undefined): void {
    if (command?.name === 'LOGOUT') return;
    // imapflow says DONE even while it closes.
    const isOpen = command !== undefined && !command.rests && command.at < at;
    this.#onBye(words, isOpen ? { name: command.name, at: command.at, heard: command.heard } : null);
  }
}
