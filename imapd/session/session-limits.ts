import { type Static, Type } from 'typebox';
import { schemaDefaults } from '#runtime/schema-defaults.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const count = (fallback: number, description: string) => Type.Integer({ minimum: 1, default: fallback, description });
const milliseconds = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, default: fallback, description });

/**
 * Every bound on connections and on time, in one place: a part of the configuration's `sessions`. What a command may hold
 * is bounded in protocol/limits.ts.
 */
export const SessionLimits = Type.Object({
  maxPerPod: count(5_000, 'Connections that the process accepts, signed in or not; the next one is refused.'),
  maxPerUser: count(100, 'Sessions of one user in this process.'),
  maxStrangers: count(
    1_000,
    'Connections of this process that have not signed in: strangers must not take the room of users.',
  ),
  maxStrangersPerAddress: count(
    500,
    'The same, of one address. Signed-in sessions are not counted by address: thousands may sit behind one NAT.',
  ),
  maxCompressed: count(
    2_000,
    'Sessions of this process that compress (COMPRESS=DEFLATE), some 150 KiB each; the next one is told to go on without.',
  ),
  loginMs: milliseconds(
    2 * MINUTE,
    'From connecting to having signed in, handshake and all: a login sent octet by octet ends here.',
  ),
  proxyHeaderMs: milliseconds(
    5 * SECOND,
    'Time that a load balancer of `proxyProtocolFrom` has to send the PROXY header of a connection.',
  ),
  // RFC 3501, 5.4: at least 30 minutes. Tests that wait for less make their limits themselves.
  idleMs: Type.Integer({
    minimum: 30 * MINUTE,
    default: 31 * MINUTE,
    description: 'Silence of a signed-in client, after which it is logged out.',
  }),
  idleKeepAliveMs: milliseconds(
    170 * SECOND,
    'A client in IDLE is told that the server is still here: routers forget silent connections after as little as five minutes.',
  ),
  tcpKeepAliveMs: milliseconds(
    2 * MINUTE,
    'Silence after which TCP asks whether the client is still there: long enough for NATs, far below the silence that IMAP allows.',
  ),
  stalledMs: milliseconds(
    5 * MINUTE,
    'Time to take a full output buffer (64 KiB and at most one chunk of a message): whoever takes longer does not read, or at less than 1 KiB/s.',
  ),
  maxNotifications: count(
    10_000,
    'What may wait to be told to one client by NOTIFY: mailboxes that changed, names, annotations, new messages to be fetched. Beyond it: NOTIFICATIONOVERFLOW; of new messages for a search that is kept up, NOUPDATE.',
  ),
  maxNotifyOthers: count(
    1_000,
    'Mailboxes of other users, and in shared namespaces, that NOTIFY watches for one session, of all that the user may list. More: NO [NOTIFICATIONOVERFLOW]; if there are more later, untagged, and nothing is told any more.',
  ),
  notifyPollMs: milliseconds(
    10 * SECOND,
    'How late NOTIFY tells what no imapd process hints at: mailboxes that are made, rights that are granted, subscriptions, annotations. Everything that is watched is summed up so often. What changes in a mailbox is told at once.',
  ),
  maxContexts: count(
    8,
    'Searches of one session whose results are kept up (SEARCH RETURN (UPDATE)), at most 128 KiB each; for more there is NOUPDATE.',
  ),
  maxBadInARow: count(20, 'Commands in a row that are no IMAP: whoever talks so is no mail client.'),
  maxLoginFailures: count(5, 'Wrong passwords on one connection.'),
  lingerMs: milliseconds(2 * SECOND, 'How long a closing connection waits for its client to have read the last words.'),
});
export type SessionLimits = Readonly<Static<typeof SessionLimits>>;

export const DEFAULT_SESSION_LIMITS: SessionLimits = schemaDefaults(SessionLimits);
