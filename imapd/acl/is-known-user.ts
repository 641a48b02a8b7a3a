import type { Attempt } from '../routing/repository-access.ts';
import type { PlaceOf } from './mailbox-place.ts';

/** Is there an account of this canonical name? One statement, in the user's partition. @throws RepositoryUnavailable */
export async function isKnownUser(user: string, placeOf: PlaceOf, attempt: Attempt): Promise<boolean | 'unavailable'> {
  const place = placeOf(user);
  if (place.kind === 'unavailable') return 'unavailable';
  return place.kind === 'store' && (await place.store.findAccount(user, attempt)) !== null;
}
