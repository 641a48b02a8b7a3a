import { ImapConnection } from './imap-connection.ts';
import { type Contents, comparableFlags, type Digest, type MailStore, type StoredMessage } from './mail-store.ts';

export type ImapLogin = { readonly port: number; readonly user: string; readonly password: string };

type Known = StoredMessage & { readonly uid: number };

/** Messages of one APPEND (RFC 3502). */
const BATCH = 250;

/** A user's mailboxes, by a connection of its own for each call. */
export function imapStore(login: ImapLogin, digest: Digest): MailStore {
  const connected = async <T>(work: (connection: ImapConnection) => Promise<T>): Promise<T> => {
    const connection = await ImapConnection.open(login.port, login.user, login.password);
    const result = await work(connection);
    await connection.close();
    return result;
  };
  /** Selects the mailbox and names messages by UID. */
  const selected = async (
    mailbox: string,
    digests: readonly string[],
    work: (connection: ImapConnection, uids: string) => Promise<unknown>,
  ): Promise<void> => {
    if (digests.length === 0) return;
    await connected(async (connection) => {
      await connection.command(`SELECT "${mailbox}"`);
      const found = (await readSelected(connection, digest)).filter((message) => digests.includes(message.digest));
      if (found.length < digests.length)
        throw new Error(`${mailbox}: ${digests.length - found.length} messages are not there`);
      await work(connection, found.map(({ uid }) => uid).join(','));
    });
  };
  return {
    read: () => connected((connection) => readAll(connection, digest)),
    count: (mailbox) =>
      connected(async (connection) => {
        const told = await connection.command(`LIST "" "${mailbox}" RETURN (STATUS (MESSAGES))`);
        return Number(told.flatMap(({ text }) => /MESSAGES (\d+)/.exec(text)?.[1] ?? [])[0] ?? 0);
      }),
    add: (mailbox, messages) =>
      connected(async (connection) => {
        await made(connection, mailbox);
        for (let at = 0; at < messages.length; at += BATCH) {
          const batch = messages.slice(at, at + BATCH).flatMap(({ raw, flags }) => [` (${flags.join(' ')}) `, raw]);
          await connection.command(`APPEND "${mailbox}"`, ...batch);
        }
      }),
    addFlags: (mailbox, digests, flags) =>
      selected(mailbox, digests, (connection, uids) =>
        connection.command(`UID STORE ${uids} +FLAGS.SILENT (${flags.join(' ')})`),
      ),
    move: (digests, from, to) =>
      selected(from, digests, async (connection, uids) => {
        await made(connection, to);
        await connection.command(`UID MOVE ${uids} "${to}"`);
      }),
    remove: (mailbox, digests) =>
      selected(mailbox, digests, async (connection, uids) => {
        await connection.command(`UID STORE ${uids} +FLAGS.SILENT (\\Deleted)`);
        await connection.command(`UID EXPUNGE ${uids}`);
      }),
  };
}

async function mailboxNames(connection: ImapConnection): Promise<readonly string[]> {
  const listed = await connection.command('LIST "" "*"');
  return listed.flatMap(({ text }) => {
    const [, flags = '', name] = /^\* LIST \((.*?)\) "\/" "?(.*?)"?$/.exec(text) ?? [];
    return name === undefined || /\\(?:Noselect|NonExistent)/i.test(flags) ? [] : [name];
  });
}

async function made(connection: ImapConnection, mailbox: string): Promise<void> {
  if (!(await mailboxNames(connection)).includes(mailbox)) await connection.command(`CREATE "${mailbox}"`);
}

async function readAll(connection: ImapConnection, digest: Digest): Promise<Contents> {
  const contents = new Map<string, readonly StoredMessage[]>();
  for (const mailbox of await mailboxNames(connection)) {
    await connection.command(`EXAMINE "${mailbox}"`);
    const messages = await readSelected(connection, digest);
    contents.set(
      mailbox,
      messages.map((message) => ({ digest: message.digest, flags: message.flags })),
    );
  }
  return contents;
}

async function readSelected(connection: ImapConnection, digest: Digest): Promise<readonly Known[]> {
  const fetched = await connection.command('UID FETCH 1:* (UID FLAGS BODY.PEEK[])');
  return fetched.flatMap(({ text, literals: [raw] }) => {
    const uid = /^\* \d+ FETCH .*\bUID (\d+)/.exec(text)?.[1];
    const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1] ?? '';
    if (uid === undefined || raw === undefined) return [];
    return [{ uid: Number(uid), digest: digest(raw), flags: comparableFlags(flags.split(' ')) }];
  });
}
