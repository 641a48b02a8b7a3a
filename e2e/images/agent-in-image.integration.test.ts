import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateSigningKey, type SigningKey } from '#contract/signature.ts';
import { isHere } from '#database/test-support/is-here.ts';
import { images } from '#images/image-table.ts';
import { writeTree } from '#images/tree/write-tree.ts';
import { AgentClient } from '#member/test-support/agent-client.ts';
import { longPassword } from '#member/test-support/long-password.ts';
import { stockImage } from '#operator/partition/objects/database-image.ts';
import {
  HOST_FIELD,
  INSTANCE_FIELD,
  MEMBER_FIELD,
  memberConfiguration,
} from '#operator/partition/objects/member-configuration.ts';
import { AGENT_FILE, MEMBER_PATH, PASSWORDS_FILE, PUBLIC_KEYS_FILE } from '#operator/partition/objects/member-paths.ts';
import { memberInput } from '#operator/partition/objects/test-support/member-input.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { childOf } from '../clusters/process/process-tree.ts';
import { type PackagedEngine, packagesOf, writePackagedRootfs } from './packaged-rootfs.ts';
import { OWNER, standIns } from './stand-ins.ts';

/**
 * Promise: in an image that is laid out like the stock one of MariaDB or MySQL the agent finds server, plug-ins and scripts without
 * being told where they are: as nobody but user 999, with nothing to write to but what a member's pod mounts, and by the
 * configuration that the operator writes. A member is made, another one is copied of it and follows.
 */
const MEMBERS = ['a0', 'a1'] as const;
const SERVERS = { mariadb: 'mariadb-11.8', mysql: 'mysql-9.7' } as const;
const FOLLOWS_MS = 60_000;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (!isRoot) process.stderr.write('images: members in images of databases are not tried: that takes Linux and root\n');
const engines: readonly PackagedEngine[] =
  (await isHere(SERVERS.mariadb)) && (await isHere(SERVERS.mysql)) ? ['mariadb', 'mysql'] : [];

/** `$0`: the image; `$1`: the member's own folder; `$2`: the agent. As the pod of a member has it (`member-volumes.ts`). */
const IN_IMAGE = [
  'mount --bind "$0" "$0"',
  `mount --bind "$2" "$0${MEMBER_PATH.agent}"`,
  `mount --bind "$1/volume" "$0${MEMBER_PATH.volume}"`,
  `mount --bind "$1/etc" "$0/etc/imapcluster"`,
  'mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"',
  `mount -t tmpfs -o mode=0770,gid=${OWNER.gid} tmpfs "$0${MEMBER_PATH.socket}"`,
  'mount -t proc proc "$0/proc"',
  'mount --rbind /dev "$0/dev"',
  'mount -o remount,bind,ro "$0"',
  `exec chroot --userspec=${OWNER.uid}:${OWNER.gid} --groups=${OWNER.gid} "$0" ${MEMBER_PATH.agent}/launch member "$@"`,
].join(' && ');

let folder: string;
let key: SigningKey;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-agent-in-image-'));
  key = await generateSigningKey('test');
  if (isRoot) await writeTree(images.member, join(folder, 'agent'));
}, 120_000);

afterAll(async () => {
  for (const child of running) {
    // With the first process of its namespace everything in it ends.
    const first = child.pid === undefined ? null : await childOf(child.pid);
    const gone = new Promise((resolve) => child.once('close', resolve));
    if (first === null) continue;
    process.kill(first, 'SIGKILL');
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
});

type Member = { readonly client: AgentClient; readonly endpoint: { readonly host: string; readonly port: number } };

async function startMember(engine: PackagedEngine, name: string): Promise<Member> {
  const own = join(folder, `${engine}-${name}`);
  const [port = 0, agentPort = 0] = await freePorts(2);
  const { image, majorVersion } = standIns[engine];
  const input = memberInput({}, { database: stockImage(engine, image, majorVersion) });
  const { spec } = input.partition;
  const partition = { ...input.partition, spec: { ...spec, repository: { ...spec.repository, engine } } };
  const asInPod = memberConfiguration({ ...input, partition });
  const configuration = {
    ...asInPod,
    // Pods have addresses of their own.
    listen: { host: '127.0.0.1', port: agentPort },
    server: { ...asInPod.server, port },
    isolation: { afterMs: null },
  };
  for (const part of ['volume', 'etc/configuration', 'etc/secrets']) await mkdir(join(own, part), { recursive: true });
  // As `fsGroup` makes a volume.
  await chown(join(own, 'volume'), 0, OWNER.gid);
  await chmod(join(own, 'volume'), 0o2775);
  await writeFile(join(own, 'etc/configuration', AGENT_FILE), JSON.stringify(configuration));
  await writeFile(join(own, 'etc/configuration', PUBLIC_KEYS_FILE), JSON.stringify([key.publicJwk]));
  const roles = ['admin', 'replication', 'mail', 'salvage'].map((role) => [role, longPassword(role)]);
  await writeFile(join(own, 'etc/secrets', PASSWORDS_FILE), JSON.stringify(Object.fromEntries(roles)));
  const set = [`${MEMBER_FIELD}=${name}`, `${HOST_FIELD}=127.0.0.1`, `${INSTANCE_FIELD}=${name}`];
  const config = ['--config', `${MEMBER_PATH.configuration}/${AGENT_FILE}`, ...set.flatMap((each) => ['--set', each])];
  const inside = [
    'sh',
    '-c',
    IN_IMAGE.replace('"$@"', config.join(' ')),
    join(folder, engine),
    own,
    join(folder, 'agent'),
  ];
  const child = spawn('unshare', ['--mount', '--pid', '--fork', ...inside], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // As bare as in a pod.
    env: { PATH: process.env.PATH },
  });
  running.push(child);
  const { cluster } = configuration;
  const address = { cluster, partition: configuration.partition, member: name, url: `http://127.0.0.1:${agentPort}` };
  const client = new AgentClient(address, key.privateJwk, configuration.token);
  // Asked again until it listens; what is told in the end is why it did not.
  await expect.poll(() => client.status(), { timeout: 20_000 }).toMatchObject({ member: name });
  return { client, endpoint: { host: '127.0.0.1', port } };
}

test.skipIf(!isRoot).each(engines)(
  '%s',
  async (engine) => {
    const rootfs = join(folder, engine);
    await writePackagedRootfs(await packagesOf(engine, new AbortController().signal), rootfs);
    for (const path of [MEMBER_PATH.agent, MEMBER_PATH.volume, MEMBER_PATH.socket, '/etc/imapcluster'])
      await mkdir(join(rootfs, path), { recursive: true });
    const [primary, replica] = await Promise.all(MEMBERS.map((name) => startMember(engine, name)));
    if (primary === undefined || replica === undefined) throw new Error('two members are two');
    await primary.client.order(1, { kind: 'initialize' });
    await primary.client.order(1, { kind: 'stamp', epoch: 1, uidGap: 0 });
    await primary.client.order(1, { kind: 'grant' });
    const from = { member: MEMBERS[0], endpoint: primary.endpoint };
    await replica.client.order(1, { kind: 'clone', from, wipe: false });
    const follows = await replica.client.until(
      ({ replication }) => replication?.upstream?.streaming === true && replication.epoch === 1,
      FOLLOWS_MS,
    );
    expect(follows).toMatchObject({ state: 'running', replication: { role: 'replica' } });
    await primary.client.order(1, { kind: 'setSynchronous', synchronous: { required: 1, members: ['a1'] } });
    // Durable by the word of the other one alone: the plug-ins for that are there.
    await primary.client.order(1, { kind: 'stamp', epoch: 2, uidGap: 0 });
    await replica.client.until(({ replication }) => replication?.epoch === 2, FOLLOWS_MS);
  },
  180_000,
);
