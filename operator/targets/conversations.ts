import { openChannel } from '#runtime/channel/open-channel.ts';
import type { Pod } from '../ports.ts';
import { Conversation } from './conversation.ts';

type Kept = { readonly pod: string; readonly opening: Promise<Conversation>; open: Conversation | null };

/** One channel to each imapd process, opened when it is asked something and kept while it is asked again and again. */
export class Conversations {
  readonly #path: string;
  readonly #idleMs: number;
  /** By the address of their admin port. */
  readonly #kept = new Map<string, Kept>();

  /** @param idleMs whoever is not asked for so long is gone, or another operator's */
  constructor(path: string, idleMs: number) {
    this.#path = path;
    this.#idleMs = idleMs;
  }

  /** The answer to one line. @throws as `openChannel` and `Conversation.ask`; the next question opens a channel anew */
  async ask(pod: Pod, line: string, deadlineMs: number): Promise<string> {
    const began = performance.now();
    const kept = this.#keptFor(pod) ?? this.#open(pod, deadlineMs);
    if (kept.open !== null) return await kept.open.ask(line, deadlineMs);
    const opened = await kept.opening;
    return await opened.ask(line, deadlineMs - (performance.now() - began));
  }

  /** Its answers make no sense: the next question goes over another channel. */
  giveUp({ adminUrl }: Pod): void {
    this.#kept.get(adminUrl)?.open?.close();
  }

  get size(): number {
    return this.#kept.size;
  }

  #keptFor({ name, adminUrl }: Pod): Kept | null {
    const kept = this.#kept.get(adminUrl);
    if (kept === undefined || kept.open?.isOver === true) return null;
    if (kept.pod === name) return kept;
    // The channel goes to a former process of that address.
    kept.opening.then(
      (opened) => opened.close(),
      () => undefined,
    );
    return null;
  }

  #open({ name, adminUrl }: Pod, deadlineMs: number): Kept {
    const opening = openChannel({ url: new URL(this.#path, adminUrl), deadlineMs }).then(
      (channel) => new Conversation(channel, this.#idleMs),
    );
    const kept: Kept = { pod: name, opening, open: null };
    this.#kept.set(adminUrl, kept);
    const forget = (): void => {
      if (this.#kept.get(adminUrl) === kept) this.#kept.delete(adminUrl);
    };
    opening.then((opened) => {
      kept.open = opened;
      opened.onOver(forget);
    }, forget);
    return kept;
  }
}
