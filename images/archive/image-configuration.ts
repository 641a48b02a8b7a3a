/** How a container of the image starts, unless its pod says otherwise (OCI image specification, config.md). */
export type ImageConfiguration = {
  readonly entrypoint: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** "65532" or "65532:65532". */
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Go's names of architectures, which images use, by Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** @param layer digest of the uncompressed layer, "sha256:…" */
export function imageConfiguration(image: ImageConfiguration, layer: string, nodeArchitecture: string): string {
  const environment = { PATH, ...image.environment };
  return JSON.stringify({
    architecture: ARCHITECTURES[nodeArchitecture] ?? nodeArchitecture,
    os: 'linux',
    config: {
      Env: Object.entries(environment).map(([variable, value]) => `${variable}=${value}`),
      Entrypoint: image.entrypoint,
      WorkingDir: image.workingDirectory ?? '/',
      ...(image.user === undefined ? {} : { User: image.user }),
      ...(image.labels === undefined ? {} : { Labels: image.labels }),
    },
    rootfs: { type: 'layers', diff_ids: [layer] },
    history: [{ created_by: 'imapcluster' }],
  });
}

export function imageManifest(name: string, configuration: string, layer: string): string {
  return JSON.stringify([{ Config: configuration, RepoTags: [name], Layers: [layer] }]);
}
