import { SqlTrouble } from './sql-trouble.ts';

/** A replica did not stream in our way and was given back its administrator's; the message says what to look at. */
export class NotAttached extends SqlTrouble {
  override readonly name = 'NotAttached';
}

/** Each attempt interrupts a replication that works: not again before somebody may have mended it. */
export const ATTACH_AGAIN_MS = 60_000;
