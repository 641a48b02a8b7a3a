import { slotOf } from '#contract/placement.ts';
import { SLOT_COUNT } from '#contract/routing-document.ts';
import type { Login } from './clients/mail-session.ts';

export const QUORUM = 'users-a';
export const ASYNC = 'users-b';
const FIRST_NAMES = ['ada', 'bo', 'chloe', 'dmitri', 'emeka', 'fumi', 'grace', 'hedy', 'ida', 'jun', 'kofi', 'lena'];

/** Which half of the slots a user falls into decides the partition; demo/mail.yaml says the same. */
const partitionOf = (user: string): string => (slotOf(user) < SLOT_COUNT / 2 ? QUORUM : ASYNC);

/** As many users of each partition as asked for; the same names in every run. */
export function castOf(counts: Readonly<Record<string, number>>, password: string): readonly Login[] {
  const cast: Login[] = [];
  const missing = new Map(Object.entries(counts));
  for (let i = 0; [...missing.values()].some((n) => n > 0); i++) {
    const user = `${FIRST_NAMES[i % FIRST_NAMES.length]}${Math.floor(i / FIRST_NAMES.length) || ''}@example.org`;
    const partition = partitionOf(user);
    const left = missing.get(partition) ?? 0;
    if (left === 0) continue;
    missing.set(partition, left - 1);
    cast.push({ user, password, partition });
  }
  return cast;
}
