import { seededRandom } from '#demo/mail/generator.ts';
import type { WireClient, WireEndpoint } from '../../wire-client.ts';
import { smallMail } from '../mails.ts';
import { type Operation, times } from '../operation.ts';
import { crowd, signIn, WORKER } from '../side.ts';

const SIGN_INS = 20;
const COMMANDS_EACH = 20;
const SEED = 7;

/** Connect, LOGIN, SELECT INBOX, LOGOUT; and people who do this and that, all at once. */
export const sessions: readonly Operation[] = [
  {
    name: 'login',
    what: 'LOGIN + SELECT + LOGOUT, the login verified within the last minute (Dovecot: password in clear)',
    unit: 'sessions',
    atLeast: 3,
    once: ({ side }) => times(SIGN_INS, () => visit(side.plain, WORKER)),
  },
  {
    name: 'login-anew',
    what: 'LOGIN + SELECT + LOGOUT, argon2id each time on both sides',
    unit: 'sessions',
    atLeast: 1,
    once: ({ side }) => times(SIGN_INS, () => visit(side.unremembered.endpoint, side.unremembered.user)),
  },
  {
    name: 'mixed',
    what: `${crowd.length} clients, each of another user: reading, flags, searches, one APPEND in ten`,
    unit: 'commands',
    atLeast: 1,
    async prepare(scene) {
      if (scene.kept.has('mixed')) return;
      const clients = await Array.fromAsync(crowd, (user) => scene.signIn(user));
      await Promise.all(clients.map((client) => client.command('SELECT INBOX')));
      scene.kept.set('mixed', clients);
    },
    async once({ kept }) {
      const clients = kept.get('mixed') ?? [];
      const work = clients.map((client, i) => doThisAndThat(client, seededRandom(SEED + i)));
      return (await Promise.all(work)).reduce((a, b) => a + b, 0);
    },
    async tidy({ kept }) {
      for (const client of kept.get('mixed') ?? []) client.close();
      kept.delete('mixed');
    },
  },
];

async function visit(endpoint: WireEndpoint, user: string): Promise<void> {
  const client = await signIn(endpoint, user);
  await client.command('SELECT INBOX');
  await client.command('LOGOUT');
  client.close();
}

const APPEND_EVERY = 10;

async function doThisAndThat(client: WireClient, random: () => number): Promise<number> {
  return await times(COMMANDS_EACH, async (i) => {
    if (i % APPEND_EVERY === 0) return await client.appendAll('INBOX', [smallMail(Math.floor(random() * 1e6))]);
    const n = 1 + Math.floor(random() * 20);
    const choice = COMMANDS[Math.floor(random() * COMMANDS.length)];
    return await client.command(choice?.(n) ?? 'NOOP');
  });
}

const COMMANDS: readonly ((n: number) => string)[] = [
  () => 'NOOP',
  () => 'FETCH 1:20 (FLAGS UID)',
  (n) => `FETCH ${n} (ENVELOPE BODYSTRUCTURE)`,
  (n) => `FETCH ${n} BODY.PEEK[]`,
  (n) => `FETCH ${n} BODY.PEEK[]`,
  (n) => `STORE ${n} +FLAGS (\\Seen)`,
  (n) => `STORE ${n} -FLAGS (\\Seen)`,
  () => 'SEARCH UNSEEN',
  () => 'SEARCH SUBJECT quarterly',
];
