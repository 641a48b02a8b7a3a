import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MailClient } from '../mail-client.ts';

/** `version` as the client tells it. */
export type Found =
  | { readonly found: true; readonly version: string }
  | { readonly found: false; readonly how: string };

const PROBE_MS = 20_000;

export async function findClient({ probe, packages, build }: MailClient): Promise<Found> {
  const said = await answers(probe);
  if (said !== null) return { found: true, version: /\d+(?:\.\d+)+|\d{8}/.exec(said)?.[0] ?? 'unknown' };
  const how = build === undefined ? ` (apt-get install ${packages.join(' ')})` : '';
  return { found: false, how: `npm run clients -- install${how}` };
}

/** What a command prints; null where it is not there, or fails. */
export async function answers([program, ...words]: readonly [string, ...string[]]): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, { timeout: PROBE_MS });
    return stdout + stderr;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    return null;
  }
}
