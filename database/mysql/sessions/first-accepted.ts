import { firstAccepted as firstOf } from '#database/first-accepted.ts';
import { isPasswordRefused } from '../password-refused.ts';

/** Of MariaDB and MySQL. */
export const firstAccepted = <T>(passwords: readonly string[], work: (password: string) => Promise<T>): Promise<T> =>
  firstOf(passwords, isPasswordRefused, work);
