/** What one image holds. How it is made is the same for all: `tree/write-tree.ts`. */
export type Image = {
  readonly title: string;
  readonly description: string;
  /** Programs, by the name that `launch` takes; the first one is what a container starts unless told otherwise. */
  readonly programs: Readonly<Record<string, string>>;
  /**
   * What Node is told at the start of that first one, as far as NODE_OPTIONS, which whoever installs may set, cannot hold it.
   * Options with a value in one word.
   */
  readonly nodeOptions: readonly string[];
  /** Packages with a compiled part: they cannot become part of a bundle, and lie beside it. */
  readonly nativePackages: readonly string[];
};

/** Where everything of ours is in an image; not where the operator mounts the agent's volume, which would hide it. */
export const IMAGE_FOLDER = 'usr/lib/imapcluster';

/** As in the images of others: no user of any machine. */
export const IMAGE_USER = '65532:65532';

const table = {
  imapd: {
    title: 'imapcluster imapd',
    description: 'The IMAP server of imapcluster, and the jobs that know its mail schema: migrate, salvage, verify',
    programs: {
      imapd: 'imapd/main.ts',
      migrate: 'imapd/jobs/migrate.ts',
      salvage: 'imapd/jobs/salvage.ts',
      verify: 'imapd/jobs/verify.ts',
      probe: 'imapd/probe/main.ts',
    },
    nodeOptions: [],
    nativePackages: ['@node-rs/argon2', `@node-rs/argon2-linux-${process.arch}-gnu`],
  },
  member: {
    title: 'imapcluster member agent',
    description: 'Copies the agent that supervises a database server, and its own Node, into a volume of the pod',
    programs: { install: 'images/member/install.ts', member: 'member/main.ts' },
    nodeOptions: [],
    nativePackages: [],
  },
  operator: {
    title: 'imapcluster operator',
    description: 'Looks after the ImapClusters and MailboxPartitions of a Kubernetes cluster',
    programs: { operator: 'operator/main.ts' },
    // At rest it makes little garbage, and V8 would shrink the room for it to 1 MiB: then it collects, with four threads, every
    // second. Measured with 20 partitions: a sixth of its processor time.
    nodeOptions: ['--min-semi-space-size=4'],
    nativePackages: [],
  },
} as const satisfies Record<string, Image>;

export type ImageName = keyof typeof table;
export const images: Readonly<Record<ImageName, Image>> = table;
export const imageNames = Object.keys(table) as readonly ImageName[];

/** What a container of the image starts unless told otherwise. */
export function entrypointOf({ nodeOptions, programs }: Image): readonly string[] {
  const [program = ''] = Object.keys(programs);
  return [`/${IMAGE_FOLDER}/launch`, ...nodeOptions, program];
}
