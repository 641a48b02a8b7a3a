import type { RequestOutcome } from '../core.ts';
import type { Request } from '../failover/observation/observation.ts';
import type { PartitionRecord } from './record.ts';

/** One person's wish at a time, from being asked to being answered. */
export class PendingRequest {
  #request: Request | null = null;
  #since = 0;
  #answer: ((outcome: RequestOutcome) => void) | null = null;
  #begun = false;

  /** What is to be decided about; null where there is nothing, or it is under way already. */
  get current(): Request | null {
    return this.#begun ? null : this.#request;
  }

  /** By `Clock.monotonic`, when it was asked for; null where nothing is to be decided. */
  get since(): number | null {
    return this.current === null ? null : this.#since;
  }

  async ask(request: Request, now: number): Promise<RequestOutcome> {
    if (this.#request !== null) {
      const message = `a ${this.#request.kind} that was asked for before is ${this.#begun ? 'under way' : 'being prepared'}`;
      return { ok: false, code: 'Busy', message };
    }
    const { promise, resolve } = Promise.withResolvers<RequestOutcome>();
    this.#request = request;
    this.#since = now;
    this.#answer = resolve;
    this.#begun = false;
    return await promise;
  }

  begun(): void {
    if (this.#request !== null) this.#begun = true;
  }

  refuse(code: string, message: string): void {
    this.#settle({ ok: false, code, message });
  }

  /** An operation has ended; if it was begun for the request, this is its answer. */
  ended(record: PartitionRecord, kind: string): void {
    if (!this.#begun || record.primary === null) return;
    if (kind === 'Reinstate') this.refuse('FailoverAborted', `given up; ${record.primary} goes on`);
    else this.#settle({ ok: true, primary: record.primary, epoch: record.epoch });
  }

  #settle(outcome: RequestOutcome): void {
    const answer = this.#answer;
    this.#request = null;
    this.#answer = null;
    this.#begun = false;
    answer?.(outcome);
  }
}
