import type { Code } from '#runtime/error-codes.ts';
import type { Logger } from '#runtime/logger.ts';

export type RecordedEvent = { readonly code: Code; readonly fields: Record<string, unknown> };

/** A log that can be asked what was said. */
export class RecordedLog implements Logger {
  readonly events: RecordedEvent[];
  readonly details: Record<string, unknown>[] = [];
  readonly #bindings: Record<string, unknown>;

  constructor(events: RecordedEvent[] = [], bindings: Record<string, unknown> = {}) {
    this.events = events;
    this.#bindings = bindings;
  }

  event(code: Code, fields: Record<string, unknown> = {}): void {
    this.events.push({ code, fields: { ...this.#bindings, ...fields } });
  }

  debug(fields: Record<string, unknown>, message: string): void {
    this.details.push({ message, ...this.#bindings, ...fields });
  }

  child(bindings: Record<string, unknown>): Logger {
    return new RecordedLog(this.events, { ...this.#bindings, ...bindings });
  }

  codes(): Code[] {
    return this.events.map((event) => event.code);
  }
}
