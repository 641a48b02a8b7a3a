import { pause } from '#runtime/deadline.ts';
import { SchemaBusy } from './schema-versions.ts';

/**
 * Whoever waits for a table has everybody behind him wait: for so long at most, then they go first. Writers of mail are done in
 * milliseconds, a large upload in seconds; what holds a table for a minute is no imapd.
 */
export type Patience = {
  /** For whoever migrates the same schema at the moment, or was cut off from the server while he did. */
  readonly turnMs: number;
  readonly lockMs: number;
  readonly tries: number;
  readonly pauseMs: number;
};
export const PATIENCE: Patience = { turnMs: 600_000, lockMs: 2_000, tries: 20, pauseMs: 1_000 };

/** @param advice what an administrator may do, for the message */
export const turnTaken = (advice: string): SchemaBusy =>
  new SchemaBusy(`another session migrates the schema, and nothing has changed: ${advice}; it is tried again`);

/**
 * One migration, which whoever holds a table may keep waiting.
 * @param apply waits for so many milliseconds for a table, and leaves nothing half done where it fails
 * @param advice what an administrator may do, for the message
 * @throws SchemaBusy after the last try, and whatever else `apply` throws
 */
export async function applyPatiently(
  apply: (lockMs: number) => Promise<void>,
  { isBusy, advice }: { readonly isBusy: (error: unknown) => boolean; readonly advice: string },
  { tries, lockMs, pauseMs }: Patience,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(lockMs);
    } catch (cause) {
      if (!isBusy(cause)) throw cause;
      if (attempt >= tries) {
        const held = `a table was held through ${tries} tries, and nothing has changed`;
        throw new SchemaBusy(`${(cause as Error).message}; ${held}: ${advice}; it is tried again`, { cause });
      }
    }
    await pause(pauseMs);
  }
}
