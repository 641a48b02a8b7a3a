/** How a prerequisite is looked for. */
export type Probe =
  | { readonly kind: 'program'; readonly name: string }
  | { readonly kind: 'command'; readonly command: readonly [string, ...string[]] }
  | { readonly kind: 'root' }
  | { readonly kind: 'linux' };

export type Check = {
  readonly what: string;
  readonly why: string;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** What to do where no package helps. */
  readonly otherwise?: string;
  readonly probe: Probe;
};

const program = (name: string, packages: readonly string[], why: string): Check => ({
  what: name,
  why,
  packages,
  probe: { kind: 'program', name },
});

/** The second holds the libraries to link with, which Debian only recommends. */
const COMPILER = ['gcc', 'libc6-dev'] as const;

/** What no Go module brings, by what needs it. */
export const checks = {
  go: [
    program(
      'go',
      ['golang-go'],
      'Kubernetes and its companions are built from source; any version fetches the one it needs',
    ),
  ],
  cgo: [
    program('gcc', COMPILER, 'runc needs a C compiler'),
    program('pkg-config', ['pkg-config'], 'runc finds libseccomp by it'),
    {
      what: 'libseccomp',
      why: 'runc filters system calls with it; without it no container starts',
      packages: ['libseccomp-dev'],
      probe: { kind: 'command', command: ['pkg-config', '--exists', 'libseccomp'] },
    },
  ],
  local: [
    {
      what: 'Linux',
      why: 'the nodes of a local cluster are namespaces of this kernel',
      packages: [],
      otherwise: 'elsewhere use --provider kind or --provider kubeconfig',
      probe: { kind: 'linux' },
    },
    {
      what: 'root',
      why: 'the local provider makes network and mount namespaces',
      packages: [],
      otherwise: 'run it by sudo, or use --provider kind or --provider kubeconfig',
      probe: { kind: 'root' },
    },
    program('gcc', COMPILER, 'the first process of every pod and node is compiled'),
    program('unshare', ['util-linux'], 'makes the namespaces'),
    program('ip', ['iproute2'], 'wires the nodes together'),
    program('nft', ['nftables'], 'kube-proxy writes its rules by it'),
  ],
  images: [
    {
      what: 'Linux',
      why: 'images are made of what runs on this machine',
      packages: [],
      otherwise: 'build images on Linux',
      probe: { kind: 'linux' },
    },
    program('gcc', COMPILER, 'the launcher in every image is compiled'),
  ],
  databaseImages: [
    program(
      'mmdebstrap',
      ['mmdebstrap'],
      "images of database servers are made from Debian's packages, for want of a registry",
    ),
  ],
} as const satisfies Record<string, readonly Check[]>;

export type CheckName = keyof typeof checks;
