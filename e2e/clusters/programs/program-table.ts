/** A folder of modules/: one Go module, because the dependencies of these programs do not agree with each other. */
export type ModuleName = 'kubernetes' | 'containerd' | 'runc' | 'cni' | 'coredns' | 'helm' | 'kubeconform' | 'kind';

export type ModuleBuild = {
  /** Seconds that a cold build of the module's first program takes on two cores: most of it is what the programs share. */
  readonly programs: Readonly<Record<string, ProgramBuild>>;
  readonly cgo?: true;
  readonly tags?: readonly string[];
  /** Go packages that hold a version: unstamped, Kubernetes says v0.0.0-master, which helm and kubectl refuse to parse. */
  readonly stamp?: readonly string[];
  /** The module whose required version is the one to stamp. */
  readonly stampedBy?: string;
};

export type ProgramBuild = {
  readonly package: string;
  /** Measured, cold, on two cores, in the order of the table; for the person who waits. */
  readonly seconds: number;
};

const kubernetes = (name: string, seconds: number): ProgramBuild => ({
  package: `k8s.io/kubernetes/cmd/${name}`,
  seconds,
});
const containerd = (name: string, seconds: number): ProgramBuild => ({
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  seconds,
});
const cni = (name: string): ProgramBuild => ({
  package: `github.com/containernetworking/plugins/plugins/${name}`,
  seconds: 4,
});

/** Every program, by the module that pins its version. A program's file is named like its key. */
export const modules = {
  kubernetes: {
    stamp: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'],
    stampedBy: 'k8s.io/kubernetes',
    programs: {
      'kube-apiserver': kubernetes('kube-apiserver', 400),
      etcd: { package: 'go.etcd.io/etcd/server/v3', seconds: 30 },
      kubectl: kubernetes('kubectl', 20),
      'kube-controller-manager': kubernetes('kube-controller-manager', 30),
      'kube-scheduler': kubernetes('kube-scheduler', 15),
      kubelet: kubernetes('kubelet', 90),
      'kube-proxy': kubernetes('kube-proxy', 15),
    },
  },
  containerd: {
    programs: {
      containerd: containerd('containerd', 35),
      'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2', 8),
      ctr: containerd('ctr', 8),
    },
  },
  runc: {
    cgo: true,
    // Without it every sandbox fails: "seccomp not supported".
    tags: ['seccomp'],
    programs: { runc: { package: 'github.com/opencontainers/runc', seconds: 10 } },
  },
  cni: {
    programs: {
      bridge: cni('main/bridge'),
      loopback: cni('main/loopback'),
      'host-local': cni('ipam/host-local'),
      portmap: cni('meta/portmap'),
    },
  },
  coredns: { programs: { coredns: { package: 'github.com/coredns/coredns', seconds: 110 } } },
  helm: { programs: { helm: { package: 'helm.sh/helm/v4/cmd/helm', seconds: 110 } } },
  kubeconform: { programs: { kubeconform: { package: 'github.com/yannh/kubeconform/cmd/kubeconform', seconds: 10 } } },
  kind: { programs: { kind: { package: 'sigs.k8s.io/kind', seconds: 15 } } },
} as const satisfies Record<ModuleName, ModuleBuild>;

type ProgramsOf<M extends ModuleName> = Extract<keyof (typeof modules)[M]['programs'], string>;
export type ProgramName = { [M in ModuleName]: ProgramsOf<M> }[ModuleName];
