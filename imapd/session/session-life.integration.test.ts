import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { pause } from '#runtime/deadline.ts';
import type { CommandContext, CommandHandler } from '../commands/command-handler.ts';
import { ok } from '../commands/completion.ts';
import { RepositoryUnavailable } from '../routing/repository-access.ts';
import { NEIGHBOUR, startBareServer } from './test-support/bare-server.ts';
import { heldOctets } from './test-support/held-octets.ts';
import { RawClient } from './test-support/raw-client.ts';
import type { TestServer, TestServerOptions } from './test-support/test-server.ts';

// Promise: a session outlives whatever happens to one of its commands, and ends with a word of farewell.

let server: TestServer;

/** A server whose CHECK does what the test wants, and a user on it. */
async function start(
  check: (context: CommandContext) => Promise<void>,
  options: Partial<TestServerOptions> = {},
): Promise<RawClient> {
  const handler: CommandHandler<'CHECK'> = {
    name: 'CHECK',
    states: ['authenticated'],
    async run(_, context) {
      await check(context);
      return ok('CHECK completed');
    },
  };
  server = await startBareServer({ handlers: [handler], ...options });
  const client = await RawClient.greeted(server.port);
  await client.command(`in LOGIN ${NEIGHBOUR.user} ${NEIGHBOUR.password}`);
  return client;
}

afterEach(() => server.stop());

test('a repository that is away is an answer, not an end', async () => {
  const client = await start(() => Promise.reject(new RepositoryUnavailable('no writer')));
  expect(await client.command('a1 CHECK')).toEqual([expect.stringMatching(/^a1 NO \[UNAVAILABLE\] /)]);
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  expect(server.log.codes()).not.toContain('CommandFailed');
  expect(server.observer.commands).toContainEqual(
    expect.objectContaining({ name: 'CHECK', result: 'NO', code: 'UNAVAILABLE' }),
  );
});

test('a fault of the server is logged, answered, and ends nothing', async () => {
  const client = await start(() => Promise.reject(new TypeError('undefined is not a mailbox')));
  const answer = await client.command('a1 CHECK');
  expect(answer).toEqual([expect.stringMatching(/^a1 NO \[SERVERBUG\] /)]);
  expect(answer.join()).not.toContain('undefined');
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  expect(server.log.events).toContainEqual({
    code: 'CommandFailed',
    fields: expect.objectContaining({ tag: 'a1', err: expect.any(TypeError), session: expect.any(String) }),
  });
});

test('a client whose command waits for a writer is kept informed (RFC 9585)', async () => {
  const client = await start(async ({ attempt }) => {
    attempt.onHold?.(0);
    attempt.onHold?.(5000);
  });
  const notice = expect.stringMatching(/^\* OK \[INPROGRESS \("a1" NIL NIL\)\] /);
  expect(await client.command('a1 CHECK')).toEqual([notice, notice, 'a1 OK CHECK completed']);
});

test('where INPROGRESS is switched off, a plain OK keeps the connection alive', async () => {
  const policy = { disabled: ['INPROGRESS'] };
  const client = await start(async ({ attempt }) => attempt.onHold?.(0), { policy });
  expect(await client.command('a1 CHECK')).toEqual([expect.stringMatching(/^\* OK [^[]/), 'a1 OK CHECK completed']);
});

test('nothing is said in the middle of a response', async () => {
  const client = await start(async ({ attempt, output }) => {
    await output.writePart('* 1 FETCH (BODY[] {4}\r\n');
    attempt.onHold?.(0);
    await output.writePart('abcd');
    attempt.onHold?.(0);
    await output.write(')\r\n');
  });
  expect(await client.command('a1 CHECK')).toEqual(['* 1 FETCH (BODY[] {4}', 'abcd)', 'a1 OK CHECK completed']);
});

test('a response that cannot be finished ends the session: nothing else may be taken for the rest of it', async () => {
  const client = await start(async ({ output }) => {
    await output.writePart('* 1 FETCH (BODY[] {400}\r\nabc');
    throw new RepositoryUnavailable('gone in the middle of a literal');
  });
  client.send('a1 CHECK\r\na2 NOOP\r\n');
  expect(await client.readToEnd()).toEqual(['* 1 FETCH (BODY[] {400}']);
  expect(client.pending).toBe('abc');
  expect(server.observer.ended).toEqual(['halfResponse']);
});

test('a client that goes away ends what runs for it', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const client = await start(({ attempt }) => {
    begun.resolve(attempt.signal);
    return new Promise((_, reject) => {
      attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason));
    });
  });
  client.send('a1 CHECK\r\n');
  const signal = await begun.promise;
  client.reset();
  await expect.poll(() => signal.aborted).toBe(true);
  await expect.poll(() => server.observer.ended).toEqual(['clientGone']);
  expect(server.log.codes()).not.toContain('CommandFailed');
});

test('nothing but a little is read ahead of the command that runs', async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const client = await start(() => {
    begun.resolve();
    return finish.promise;
  });
  const ahead = 64 * 1024 * 1024;
  client.send('a1 CHECK\r\n');
  await begun.promise;
  const held = heldOctets();
  client.send(Buffer.alloc(ahead, 'n NOOP\r\n'));
  const neighbour = await RawClient.greeted(server.port);
  for (let i = 0; i < 20; i++) expect((await neighbour.command('n NOOP')).at(-1)).toMatch(/^n OK/);
  // What the client could not get rid of is all but the buffers of the kernel, and 64 KiB of ours.
  expect(client.unsent).toBe(ahead);
  expect(heldOctets() - held).toBeLessThan(ahead + 1024 * 1024);
  client.reset();
  finish.resolve();
});

test('a stop lets the running command finish, says BYE, and carries out nothing more', async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const client = await start(() => {
    begun.resolve();
    return finish.promise;
  });
  const idle = await RawClient.greeted(server.port);
  client.send('a1 CHECK\r\na2 NOOP\r\n');
  await begun.promise;
  const stopped = server.stop(5000);
  expect(await idle.readToEnd()).toEqual([expect.stringMatching(/^\* BYE The server is going down/)]);
  finish.resolve();
  expect(await client.readToEnd()).toEqual(['a1 OK CHECK completed', expect.stringMatching(/^\* BYE/)]);
  await stopped;
  expect(server.observer.ended).toEqual(['stopping', 'stopping']);
});

test('a command that crosses the stop is answered before the BYE', async () => {
  const client = await start(() => Promise.resolve());
  const stopped = server.stop(5000);
  await pause(50);
  client.send('a1 NOOP\r\n');
  expect(await client.readToEnd()).toEqual(['a1 OK NOOP completed', expect.stringMatching(/^\* BYE/)]);
  await stopped;
});

test('many sessions are told one after the other, and the last one in time', async () => {
  await start(() => Promise.resolve());
  const clients = await Promise.all(Array.from({ length: 30 }, () => RawClient.greeted(server.port)));
  const since = performance.now();
  const stopped = server.stop(5_000);
  const ends = await Promise.all(clients.map((client) => client.readToEnd().then(() => performance.now() - since)));
  await stopped;
  const sorted = ends.toSorted((a, b) => a - b);
  expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBeGreaterThan(150);
  expect(sorted.at(-1)).toBeLessThan(2_500);
});

test('IDLE ends with BYE when the server stops', async () => {
  const client = await start(() => Promise.resolve());
  client.send('a1 IDLE\r\n');
  expect(await client.readLine()).toBe('+ idling');
  const stopped = server.stop(5000);
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE/)]);
  await stopped;
});

/** Goes on for as long as its client is there. */
async function untilGone({ attempt }: CommandContext): Promise<never> {
  await once(attempt.signal, 'abort');
  throw attempt.signal.reason;
}

test('a command that does not finish in its grace is cut off, with a BYE', async () => {
  const begun = Promise.withResolvers<void>();
  const client = await start((context) => {
    begun.resolve();
    return untilGone(context);
  });
  client.send('a1 CHECK\r\n');
  await begun.promise;
  await server.stop(50);
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE The server is going down/)]);
  expect(server.observer.ended).toEqual(['stopping']);
});

test('BYE is never put into the middle of a response', async () => {
  const client = await start(async (context) => {
    await context.output.writePart('* 1 FETCH (BODY[] {100}\r\nhalf');
    await untilGone(context);
  });
  client.send('a1 CHECK\r\n');
  expect(await client.readLine()).toBe('* 1 FETCH (BODY[] {100}');
  await server.stop(50);
  expect(await client.readToEnd()).toEqual([]);
  expect(client.pending).toBe('half');
});

test('a user who is silent for too long is logged out', async () => {
  const client = await start(() => Promise.resolve(), { limits: { idleMs: 100 } });
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE Autologout/)]);
  expect(server.observer.ended).toEqual(['idle']);
});

test('commands have their place', async () => {
  const client = await start(() => Promise.resolve());
  const stranger = await RawClient.greeted(server.port);
  expect((await stranger.command('a1 CHECK')).at(-1)).toMatch(/^a1 BAD \[CLIENTBUG\] Please sign in first/);
  expect((await stranger.command('a2 LIST "" *')).at(-1)).toMatch(/^a2 BAD/);
  expect((await client.command('a3 LOGIN a b')).at(-1)).toMatch(/^a3 BAD \[CLIENTBUG\] You are signed in already/);
  expect((await client.command('a4 EXPUNGE')).at(-1)).toMatch(/^a4 BAD \[CLIENTBUG\] No mailbox is selected/);
  expect((await client.command('a5 FROB')).at(-1)).toMatch(/^a5 BAD/);
  expect(await client.command('a6 LOGOUT')).toEqual(['* BYE Goodbye', 'a6 OK LOGOUT completed']);
  expect(await client.readToEnd()).toEqual([]);
  expect(server.observer.states).toContain('notAuthenticated>authenticated');
});

test('a switched-off extension is an unknown command', async () => {
  const client = await start(() => Promise.resolve(), { policy: { disabled: ['ID', 'NAMESPACE'] } });
  expect((await client.command('a1 ID NIL')).at(-1)).toMatch(/^a1 BAD Unknown command/);
  expect((await client.command('a2 CAPABILITY'))[0]).not.toContain('NAMESPACE');
});

test('AUTHENTICATE: initial response, questions, cancellation, nonsense', async () => {
  const client = await start(() => Promise.resolve());
  const signedIn = expect.stringMatching(/^a\d OK \[CAPABILITY /);
  const plain = Buffer.from(`\0${NEIGHBOUR.user}\0${NEIGHBOUR.password}`).toString('base64');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const one = await RawClient.greeted(server.port);
  expect(await one.command(`a1 AUTHENTICATE PLAIN ${plain}`)).toEqual([signedIn]);
  const two = await RawClient.greeted(server.port);
  two.send('a1 AUTHENTICATE PLAIN\r\n');
  expect(await two.readLine()).toBe('+ ');
  two.send('*\r\n');
  expect(await two.readLine()).toMatch(/^a1 BAD/);
  two.send('a2 AUTHENTICATE PLAIN\r\nno base64!\r\n');
  expect(await two.readTagged('a2')).toEqual(['+ ', expect.stringMatching(/^a2 BAD/)]);
  two.send(`a3 AUTHENTICATE LOGIN\r\n${base64(NEIGHBOUR.user)}\r\n${base64(NEIGHBOUR.password)}\r\n`);
  expect(await two.readTagged('a3')).toEqual(['+ VXNlcm5hbWU6', '+ UGFzc3dvcmQ6', signedIn]);
  expect((await client.command('a4 NOOP')).at(-1)).toMatch(/^a4 OK/);
});

test('a partition that is away is never a wrong password', async () => {
  server = await startBareServer({ authenticator: async () => ({ kind: 'unavailable' }) });
  const client = await RawClient.greeted(server.port);
  expect(await client.command('a1 LOGIN u p')).toEqual([expect.stringMatching(/^a1 NO \[UNAVAILABLE\]/)]);
  expect(server.observer.failedLogins).toBe(0);
  expect(server.log.codes()).toContain('LoginUnavailable');
});
