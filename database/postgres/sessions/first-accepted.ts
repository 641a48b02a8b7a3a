import { DatabaseError } from 'pg';
import { firstAccepted as firstOf } from '#database/first-accepted.ts';

const INVALID_PASSWORD = '28P01';

const isRefused = (error: unknown): boolean => error instanceof DatabaseError && error.code === INVALID_PASSWORD;

/** Of PostgreSQL. */
export const firstAccepted = <T>(passwords: readonly string[], work: (password: string) => Promise<T>): Promise<T> =>
  firstOf(passwords, isRefused, work);
