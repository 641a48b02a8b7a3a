import { ImapFlow } from 'imapflow';
import { RawClient } from '#imapd/session/test-support/raw-client.ts';
import type { Sandbox } from './run-standalone.ts';

/** What a run tells of itself, as far as tests look at it. */
export type Status = {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly state: string }[];
  readonly members: readonly { readonly name: string; readonly serverPid: number }[];
  readonly endpoints: Readonly<Record<'imap' | 'imaps', { readonly port: number }>>;
};

/** By `imapctl status`. @throws Error with what it said where it ended with another code than 0 */
export async function statusOf(sandbox: Sandbox): Promise<Status> {
  const { code, output } = await sandbox.imapctl(['status', '-o', 'json']);
  if (code !== 0) throw new Error(`imapctl status ended with ${code}: ${output}`);
  return JSON.parse(output);
}

/** 0 where there is no such process. */
export const pidOf = (now: Status, name: string): number =>
  now.processes.find((entry) => entry.name === name)?.pid ?? 0;

/** Subjects of a user's INBOX, by a real mail program. */
export async function subjectsOf(
  sandbox: Sandbox,
  auth: { readonly user: string; readonly pass: string },
): Promise<readonly (string | undefined)[]> {
  const { port } = (await statusOf(sandbox)).endpoints.imap;
  const tls = { rejectUnauthorized: false };
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, tls, auth, logger: false });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX');
    const found = await client.fetchAll('1:*', { envelope: true });
    return found.map(({ envelope }) => envelope?.subject);
  } finally {
    await client.logout();
  }
}

/** @throws where the password is refused */
export async function signedInAs(sandbox: Sandbox, user: string, password: string): Promise<RawClient> {
  const client = await RawClient.greeted((await statusOf(sandbox)).endpoints.imap.port);
  const answer = (await client.command(`l LOGIN ${user} "${password}"`)).at(-1) ?? 'the connection ended';
  if (answer.startsWith('l OK')) return client;
  client.close();
  throw new Error(answer);
}
