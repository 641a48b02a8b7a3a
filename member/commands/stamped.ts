import { isDeepStrictEqual } from 'node:util';
import type { Member } from '../member.ts';
import type { SynchronousSet } from '../memory/memory.ts';

type By = Pick<Member, 'server' | 'memory'>;
type Stamp = { readonly epoch: number; readonly pid: number | null; readonly synchronous: SynchronousSet };

const stampBy = (epoch: number, { server, memory }: By): Stamp => ({
  epoch,
  pid: server.pid,
  synchronous: memory.current.synchronous,
});

/** The stamp that was written last, until a grant counts on it: by which process of the server, acknowledged by which set. */
export class Stamped {
  #last: Stamp | null = null;

  note(epoch: number, by: By): void {
    this.#last = stampBy(epoch, by);
  }

  forget(): void {
    this.#last = null;
  }

  /** Whether all that this process shows has reached the set that is in force by that stamp. Once: then others may write. */
  take(epoch: number, by: By): boolean {
    const last = this.#last;
    this.forget();
    return last !== null && last.pid !== null && isDeepStrictEqual(last, stampBy(epoch, by));
  }
}
