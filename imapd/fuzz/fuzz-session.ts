import { once } from 'node:events';
import { connect } from 'node:net';
import { Framer } from '../protocol/framer.ts';
import { withLimits } from '../protocol/limits.ts';
import { messageInput } from './message-input.ts';
import type { Random } from './random.ts';

export type FuzzedSession = {
  readonly port: number;
  readonly login: string;
  readonly random: Random;
  /** What else a client sends; see `commandInput`. */
  readonly command: (random: Random) => Buffer;
  readonly deadlineMs: number;
};

const MOST_COMMANDS = 6;
const CANARY = 'canary NOOP';
/** What takes the connection elsewhere, or waits: behind it nobody can say what the next octets are. */
const ELSEWHERE = /\b(?:IDLE|AUTHENTICATE|STARTTLS|LOGOUT|COMPRESS|LOGIN)\b/i;
const EVERYTHING =
  'FLAGS UID INTERNALDATE SAVEDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE PREVIEW EMAILID BODY.PEEK[] BODY.PEEK[1.MIME] ' +
  'BODY.PEEK[2.HEADER] BODY.PEEK[HEADER.FIELDS (SUBJECT "X-A")] BINARY.PEEK[1] BINARY.SIZE[2] BODY.PEEK[1]<2.9>';

/**
 * One session of a hostile client, from the greeting to the end: it signs in, leaves a hostile message, reads all there is
 * of it, says what is nearly IMAP, and closes its half. What it is answered is for others to judge (`watchSessions`).
 * @throws Error where the server does not end the session in time, or leaves a right command unanswered
 */
export async function fuzzSession({ port, login, random, command, deadlineMs }: FuzzedSession): Promise<void> {
  const hostile = inputs(random, command);
  const said = [Buffer.from(`l LOGIN ${login}\r\n`), ...opening(random), ...hostile, Buffer.from(`\r\n${CANARY}\r\n`)];
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  let answered = '';
  let ended = false;
  socket.on('data', (octets) => {
    answered += octets.toString('latin1');
  });
  // A server that has said BYE may reset what is still being sent.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    ended = true;
  });
  socket.end(Buffer.concat(said));
  await once(socket, 'close', { signal: AbortSignal.timeout(deadlineMs) }).catch((cause: unknown) => {
    if (ended) return;
    socket.destroy();
    throw new Error(`a session has not ended in ${deadlineMs} ms`, { cause });
  });
  const answers = /^canary (?:OK|NO|BAD) /m.test(answered) || /^\* BYE /m.test(answered);
  const mayGoElsewhere = hostile.some((octets) => ELSEWHERE.test(octets.toString('latin1')));
  if (!mayGoElsewhere && isHeard(said) && !answers)
    throw new Error(`${CANARY} is not answered, but ${JSON.stringify(answered.slice(-500))}`);
}

function opening(random: Random): readonly Buffer[] {
  const message = messageInput(random);
  return [
    ...(random.once(2) ? ['e ENABLE IMAP4rev2\r\n'] : []),
    ...(random.once(2) ? ['u ENABLE UTF8=ACCEPT\r\n'] : []),
    ...(random.once(3) ? ['q ENABLE QRESYNC\r\n'] : []),
    `p APPEND INBOX ${random.once(3) ? '~' : ''}{${message.length}+}\r\n`,
    message,
    '\r\ns SELECT INBOX\r\n',
    `f UID FETCH *:* (${EVERYTHING})\r\n`,
    't UID SEARCH RETURN (ALL COUNT) OR TEXT x HEADER SUBJECT ""\r\n',
    'r THREAD REFERENCES UTF-8 ALL\r\n',
  ].map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
}

const inputs = (random: Random, command: (random: Random) => Buffer): readonly Buffer[] =>
  Array.from({ length: 1 + random.below(MOST_COMMANDS) }, () => command(random));

/** Whether the last command is one for the server too, and not part of a literal or of a line before. */
function isHeard(said: readonly Buffer[]): boolean {
  const framer = new Framer(withLimits({}));
  framer.signedIn();
  framer.push(Buffer.concat(said));
  let last = '';
  for (let frame = framer.next(); frame !== null; frame = framer.next()) {
    // Nobody waits here for leave: the server would, or has gone on without the message.
    if (frame.kind === 'continue' || frame.kind === 'fatal') return false;
    if (frame.kind === 'message') framer.accept();
    if (frame.kind === 'command') last = frame.bytes.toString('latin1');
  }
  return last === CANARY;
}
