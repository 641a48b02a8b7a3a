import { firstAccepted as firstOf } from '#database/first-accepted.ts';
import { ServerError } from '../connection/server-error.ts';
import { errorCodes } from '../error-codes.ts';

const isRefused = (error: unknown): boolean =>
  error instanceof ServerError && error.errno === errorCodes.passwordRefused;

/** Of MariaDB and MySQL. */
export const firstAccepted = <T>(passwords: readonly string[], work: (password: string) => Promise<T>): Promise<T> =>
  firstOf(passwords, isRefused, work);
