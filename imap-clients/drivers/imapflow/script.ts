import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ImapFlow } from 'imapflow';

// The round of rounds/work.ts with imapflow; what it has missed while it was away it is told by QRESYNC.

const [host = '', port, , user = '', pass = '', certificate = '', outbox = ''] = process.argv.slice(2);
const MAILBOXES = ['INBOX', 'Archive/2026', 'Sent'];

type Message = { digest: string; flags: readonly string[] };
type Mailbox = { uidValidity: bigint; changedSince: bigint; readonly messages: Map<number, Message> };
const known = new Map<string, Mailbox>();

async function connected(): Promise<ImapFlow> {
  const tls = { ca: await readFile(certificate), servername: host };
  const client = new ImapFlow({
    host,
    port: Number(port),
    secure: false,
    doSTARTTLS: true,
    tls,
    auth: { user, pass },
    logger: false,
    qresync: true,
  });
  await client.connect();
  return client;
}

/** Brings what is known of a mailbox up to date. */
async function open(client: ImapFlow, path: string): Promise<Mailbox> {
  const before = known.get(path);
  const gone: number[] = [];
  const changed = new Map<number, readonly string[]>();
  const onGone = ({ uid }: { uid?: number }): void => void (uid !== undefined && gone.push(uid));
  const onFlags = ({ uid, flags }: { uid?: number; flags?: Set<string> }): void =>
    void (uid !== undefined && changed.set(uid, [...(flags ?? [])]));
  client.on('expunge', onGone).on('flags', onFlags);
  const since = before === undefined ? {} : { uidValidity: before.uidValidity, changedSince: before.changedSince };
  const { uidValidity, highestModseq = 0n, exists } = await client.mailboxOpen(path, since);
  client.off('expunge', onGone).off('flags', onFlags);
  const same = before?.uidValidity === uidValidity;
  const mailbox: Mailbox = same ? before : { uidValidity, changedSince: 0n, messages: new Map() };
  for (const uid of gone) mailbox.messages.delete(uid);
  for (const [uid, flags] of changed) {
    const message = mailbox.messages.get(uid);
    if (message !== undefined) message.flags = flags;
  }
  mailbox.changedSince = highestModseq;
  const last = Math.max(0, ...mailbox.messages.keys());
  if (exists > mailbox.messages.size) {
    for await (const { uid, flags, source } of client.fetch(
      `${last + 1}:*`,
      { flags: true, source: true },
      { uid: true },
    )) {
      if (source === undefined) throw new Error(`${path}: message ${uid} has no content`);
      const digest = createHash('sha256').update(source).digest('hex');
      mailbox.messages.set(uid, { digest, flags: [...(flags ?? [])] });
    }
  }
  known.set(path, mailbox);
  return mailbox;
}

const first = await connected();
await first.mailboxCreate('Archive/2026');
for (const name of (await readdir(outbox)).sort())
  await first.append('Sent', await readFile(join(outbox, name)), ['\\Seen']);
await open(first, 'Archive/2026');
await open(first, 'Sent');
const uids = [...(await open(first, 'INBOX')).messages.keys()].sort((a, b) => a - b);
const every = (step: number, at: number): string => uids.filter((_, n) => (n + 1) % step === at).join(',');
await first.messageFlagsAdd(every(10, 0), ['\\Flagged'], { uid: true });
await first.messageFlagsAdd(every(10, 1), ['Work'], { uid: true });
await first.messageMove(every(50, 7), 'Archive/2026', { uid: true });
await first.messageDelete(every(50, 3), { uid: true });
await first.logout();

process.stdout.write('AWAY\n');
const lines = createInterface(process.stdin);
await lines[Symbol.asyncIterator]().next();
lines.close();

const second = await connected();
for (const path of MAILBOXES) await open(second, path);
await second.logout();
for (const [path, { messages }] of known)
  for (const { digest, flags } of messages.values())
    process.stdout.write(`KNOWN\t${path}\t${digest}\t${flags.join(' ')}\n`);
