import { CONTAINERD_SOCKET, CONTAINERD_STATE, type NodeFolder, RUNC_STATE } from './node-folder.ts';

export type ContainerdInputs = {
  readonly folder: NodeFolder;
  readonly sandboxImage: string;
  /** Folder of the network plugins. */
  readonly networkPlugins: string;
  readonly runc: string;
};

/** containerd 2.x, configuration version 3. */
export function containerdConfig({ folder, sandboxImage, networkPlugins, runc }: ContainerdInputs): string {
  const text = (value: string): string => JSON.stringify(value);
  return `version = 3
root = ${text(folder.containerd)}
state = ${text(CONTAINERD_STATE)}

[grpc]
  address = ${text(CONTAINERD_SOCKET)}

[plugins.'io.containerd.internal.v1.opt']
  path = ${text(folder.plugins)}

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = ${text(sandboxImage)}

[plugins.'io.containerd.cri.v1.runtime']
  # Nothing of the machine's own profiles is in the node.
  disable_apparmor = true
  # Root of a container or a virtual machine may lack CAP_SYS_RESOURCE; without this runc dies with
  # "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${text(networkPlugins)}]
    conf_dir = ${text(folder.networks)}
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = ${text(runc)}
        SystemdCgroup = false
        Root = ${text(RUNC_STATE)}
`;
}
