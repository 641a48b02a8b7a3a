import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImapFlow } from 'imapflow';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '#imapd/routing/test-support/test-cluster.ts';
import { TestRepository } from '#imapd/routing/test-support/test-repository.ts';
import { imapdConfiguration } from '#imapd/test-support/test-imapd.ts';
import type { MemberPod } from '#operator/kubernetes/members/members-input.ts';
import { podProblem } from '#operator/kubernetes/members/pod-problem.ts';
import { buildByBuildah } from './build/build-by-buildah.ts';
import { packImage } from './build/pack-image.ts';
import { type ImageName, imageNames, images } from './image-table.ts';
import { filesOf } from './test-support/files-of.ts';
import { unpackArchive } from './test-support/unpack-archive.ts';
import { writeMinimalBase } from './tree/write-minimal-base.ts';
import { writeTree } from './tree/write-tree.ts';

/** Promise: what is in the images runs where nothing else of this project is, and equal sources give equal images. */
const isThere = async (file: string): Promise<boolean> =>
  await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
const hasCompiler = await isThere('/usr/bin/gcc');
const possible = process.platform === 'linux' && hasCompiler;
if (!possible) process.stderr.write('images: not tested: building them takes Linux and gcc\n');
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('images: containers are not imitated: that takes root\n');

const MUSL = `/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`;
const [hasMusl, hasBuildah] = await Promise.all([MUSL, '/usr/bin/buildah'].map(isThere));
if (hasMusl !== true) process.stderr.write('images: that musl is refused is not tested: install musl\n');
if (hasBuildah !== true) process.stderr.write('images: Containerfiles are not built: install buildah\n');

const Ref = Type.String({ minLength: 1 });
const File = Type.Object({
  'bom-ref': Ref,
  type: Type.Literal('file'),
  name: Type.String(),
  hashes: Type.Tuple([
    Type.Object({ alg: Type.Literal('SHA-256'), content: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
  ]),
});
const Package = Type.Object({
  'bom-ref': Ref,
  type: Type.Literal('library'),
  name: Type.String(),
  version: Type.String(),
  purl: Type.String(),
});
/** What of CycloneDX 1.5 is used; without serialNumber and time, which no two builds would share. */
const Bill = Type.Object(
  {
    bomFormat: Type.Literal('CycloneDX'),
    specVersion: Type.Literal('1.5'),
    version: Type.Literal(1),
    metadata: Type.Object(
      {
        component: Type.Object({
          'bom-ref': Ref,
          type: Type.Literal('application'),
          name: Type.Literal('imapcluster'),
        }),
      },
      { additionalProperties: false },
    ),
    components: Type.Array(Type.Union([Package, File])),
    dependencies: Type.Array(Type.Object({ ref: Ref, dependsOn: Type.Array(Ref) })),
  },
  { additionalProperties: false },
);

let folder: string;
const tree = (image: string): string => join(folder, image, 'usr/lib/imapcluster');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-images-'));
  if (!possible) return;
  for (const image of imageNames) {
    await writeMinimalBase(join(folder, image));
    await writeTree(images[image], tree(image));
  }
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
    const { programs, nodeOptions } = images[image];
    const launch = join(tree(image), 'launch');
    expect(await run(launch, [...nodeOptions])).toMatchObject({ code: 64 });
    for (const program of Object.keys(programs)) {
      expect(await run(launch, [...nodeOptions, program, '--help'])).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^Usage: /),
      });
      expect(await run(launch, [program, '--bogus'])).toMatchObject({ code: 2 });
    }
  }
});

describe.each(imageNames)('the image %s', (image) => {
  test.skipIf(!possible)('holds programs that a process keeps with one byte for each character', async () => {
    const programs = Object.keys(await filesOf(tree(image))).filter((file) => file.endsWith('.mjs'));
    expect(programs.length).toBeGreaterThanOrEqual(Object.keys(images[image].programs).length);
    for (const file of programs) expect(await readFile(join(tree(image), file), 'utf8')).not.toMatch(/[^\0-\x7f]/);
  });

  test.skipIf(!possible)(
    'has a CycloneDX bill of what went in, and nothing else, and the licences of that',
    async () => {
      const text = await readFile(join(tree(image), 'sbom.cdx.json'), 'utf8');
      expect(Value.Check(Bill, JSON.parse(text))).toBe(true);
      const { components, dependencies } = Value.Parse(Bill, JSON.parse(text));
      const refs = components.map((component) => component['bom-ref']);
      expect(new Set(refs).size).toBe(refs.length);
      const [root = '', ...others] = dependencies.map(({ ref }) => ref);
      expect(root).toMatch(/^imapcluster@/);
      for (const ref of [...others, ...dependencies.flatMap(({ dependsOn }) => dependsOn)]) expect(refs).toContain(ref);
      const packages = components.flatMap((component) => (component.type === 'library' ? [component] : []));
      for (const { name, version, purl } of packages)
        expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      const licences = await readFile(join(tree(image), 'LICENCES.txt'), 'utf8');
      const licensed = [...licences.matchAll(/^(\S+) (\d\S*) \(.+\)$/gm)].map(
        ([, name, version]) => `${name}@${version}`,
      );
      expect(packages.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual(licensed.toSorted());
      const files = await filesOf(tree(image));
      const billed = components.flatMap((component) => (component.type === 'file' ? [component] : []));
      for (const { name, hashes } of billed) expect(files[name]).toMatch(new RegExp(`^\\d+ ${hashes[0].content}$`));
      const brought = Object.keys(files).filter((file) => /^(launch|lib\/.+)$/.test(file));
      expect(billed.map(({ name }) => name).toSorted()).toEqual(brought.toSorted());
    },
  );

  test.skipIf(!possible)('is the same by whomever and wherever it is built', async () => {
    const archive = join(folder, 'here.tar');
    await packImage(image, { rootfs: join(folder, image), repository: 'localhost', archive });
    const elsewhere = await mkdtemp(join(folder, 'elsewhere-'));
    const environment = { TZ: 'Pacific/Chatham', LC_ALL: 'C', TMPDIR: elsewhere, npm_config_loglevel: 'silent' };
    const inside = 'umask 077; exec "$0" images/main.ts build "$1" --output "$2"';
    const words = ['-c', inside, process.execPath, image, elsewhere];
    const { stdout } = await promisify(execFile)('sh', words, {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, ...environment },
    });
    const hash = createHash('sha256').update(await readFile(archive));
    expect(stdout.trim()).toMatch(new RegExp(`^localhost/imapcluster-${image}:.* sha256:${hash.digest('hex')}$`));
    const { configuration } = await unpackArchive(archive, join(elsewhere, 'unpacked'));
    expect(configuration).toEqual(await configurationOf(image));
    await rm(elsewhere, { recursive: true });
  });

  test.skipIf(!possible || !hasBuildah)('is built by buildah from its Containerfile, without a registry', async () => {
    const archive = join(folder, 'buildah.tar');
    const name = await buildByBuildah(image, { repository: 'localhost', archive, base: null });
    expect(name).toMatch(new RegExp(`^localhost/imapcluster-${image}:`));
    const { configuration, rootfs } = await unpackArchive(archive, join(folder, `${image}-by-buildah`));
    const { 'io.buildah.version': tool, ...labels } = configuration.Labels;
    expect(tool).toMatch(/^\d/);
    expect({ ...configuration, Labels: labels }).toEqual(await configurationOf(image));
    expect(await filesOf(rootfs)).toEqual(await filesOf(join(folder, image)));
    await rm(archive);
  });
});

/** How a container of an image starts: all that there is to say of it. */
async function configurationOf(image: ImageName): Promise<object> {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8'));
  const { title, description, nodeOptions, programs } = images[image];
  return {
    User: '65532:65532',
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Entrypoint: ['/usr/lib/imapcluster/launch', ...nodeOptions, Object.keys(programs)[0]],
    WorkingDir: '/',
    Labels: {
      'org.opencontainers.image.title': title,
      'org.opencontainers.image.description': description,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  };
}

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

test.skipIf(!possible || !isRoot || !hasMusl)(
  'in an image with musl the launcher says what to do, and so does the member',
  async () => {
    const musl = join(folder, 'musl');
    for (const part of ['dev', 'lib']) await mkdir(join(musl, part), { recursive: true });
    await writeFile(join(musl, 'dev/termination-log'), '');
    await copyFile(MUSL, join(musl, MUSL));
    await copyFile(join(tree('member'), 'launch'), join(musl, 'launch'));
    expect((await run('chroot', [musl, MUSL])).output).toContain('musl libc');
    const { code, output } = await run('chroot', [musl, '/launch', 'member', '--help']);
    expect(code).toBe(78);
    // The status of the container tells it without a look into the log.
    const message = await readFile(join(musl, 'dev/termination-log'), 'utf8');
    expect(message).toBe(output);
    const image = 'postgres:18-alpine';
    const terminated = { exitCode: code, message };
    const container = {
      ...{ name: 'install', image, imageID: '', ready: false, restartCount: 1 },
      state: { terminated },
    };
    const pod = {
      metadata: { name: 'users-a-0' },
      spec: { containers: [] },
      status: { initContainerStatuses: [container] },
    };
    const problem = podProblem(pod as unknown as MemberPod, '/usr/lib/postgresql/18/bin');
    expect(problem?.reason).toBe('ImageUnsuitable');
    expect(problem?.message).toMatch(/^users-a-0: postgres:18-alpine: .*no glibc.*Alpine.*use one made from Debian/);
  },
);

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
