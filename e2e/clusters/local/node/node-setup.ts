import type { NodePlan } from '../layout.ts';
import { layout } from '../layout.ts';
import type { NodeFolder } from './node-folder.ts';

/** Folders of the machine into which a node's programs write by fixed names: /var/lib/kubelet, /var/lib/cni, /var/log/containers. */
const COVERED = ['/var/lib', '/var/log'] as const;

/**
 * Settings of the one kernel that the kubelet changes. In a node each is an ordinary file laid over the real one: the kubelet
 * finds what it wrote, and the machine keeps its settings, so that nothing has to be put back.
 */
export const SHIELDED_SYSCTLS = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
] as const;

/**
 * A shell script that makes a machine of fresh namespaces (mount, network, UTS): run once, inside them. Everything it does
 * is undone by the end of the namespaces; only files below the node's folder stay.
 */
export function nodeSetup(plan: NodePlan, peers: readonly NodePlan[], folder: NodeFolder): string {
  return [
    'set -eu',
    ...identity(plan),
    ...mounts(folder),
    ...noNameServers(folder),
    ...shields(folder),
    ...routes(plan, peers),
  ].join('\n');
}

function identity({ name }: NodePlan): readonly string[] {
  return [`echo ${quote(name)} >/proc/sys/kernel/hostname`];
}

function mounts({ covers }: NodeFolder): readonly string[] {
  return [
    // Volumes with mount propagation need it; the namespace is the node's own, so nothing gets out.
    'mount --make-rshared /',
    'mount -t tmpfs -o mode=0755 tmpfs /run',
    ...COVERED.flatMap((covered) => {
      const [upper, work] = ['upper', 'work'].map((part) => quote(`${covers}${covered}/${part}`));
      return [
        `mkdir -p ${upper} ${work}`,
        `mount -t overlay -o lowerdir=${covered},upperdir=${upper},workdir=${work} overlay ${covered}`,
      ];
    }),
  ];
}

/** The machine's own are out of reach: whoever asks them for the registry of an image waits for time-outs, most of a minute. */
function noNameServers({ resolvConf }: NodeFolder): readonly string[] {
  return [`if [ -e /etc/resolv.conf ]; then mount --bind ${quote(resolvConf)} /etc/resolv.conf; fi`];
}

function shields({ sysctls }: NodeFolder): readonly string[] {
  return SHIELDED_SYSCTLS.flatMap((sysctl) => {
    const file = quote(`${sysctls}/${sysctl.replaceAll('/', '.')}`);
    return [
      `if [ -e /proc/sys/${sysctl} ]; then`,
      `  mkdir -p ${quote(sysctls)}`,
      `  cat /proc/sys/${sysctl} >${file}`,
      `  mount --bind ${file} /proc/sys/${sysctl}`,
      'fi',
    ];
  });
}

function routes(plan: NodePlan, peers: readonly NodePlan[]): readonly string[] {
  return [
    'ip link set lo up',
    `ip addr add ${plan.address}/${layout.nodePrefix} dev eth0`,
    'ip link set eth0 up',
    `ip route add default via ${layout.controlPlane}`,
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    ...peers
      .filter(({ index }) => index !== plan.index)
      .map(({ pods, address }) => `ip route add ${pods} via ${address}`),
  ];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
