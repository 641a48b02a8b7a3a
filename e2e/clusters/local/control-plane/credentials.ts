import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Authority, CertificateRequest, KeyPair } from '../../certificates/authority.ts';
import { kubeconfig } from '../../kubeconfig.ts';
import type { NodePlan } from '../layout.ts';
import { layout } from '../layout.ts';
import { nodeFolder } from '../node/node-folder.ts';

/** Paths of kubeconfigs. */
export type Credentials = {
  readonly admin: KeyPair;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly proxy: string;
};

export type CredentialsInputs = {
  readonly root: string;
  readonly controlPlane: string;
  /** Where the administrator's goes. */
  readonly kubeconfig: string;
  readonly nodes: readonly NodePlan[];
  readonly authority: Authority;
  readonly now: Date;
};

/** Issues everybody's certificate, by the names that Kubernetes grants rights to, and writes the kubeconfigs. */
export async function writeCredentials(inputs: CredentialsInputs): Promise<Credentials> {
  const { authority, controlPlane, nodes, now } = inputs;
  const server = `https://${layout.controlPlane}:${layout.apiPort}`;
  const put = async (file: string, user: KeyPair): Promise<string> => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, kubeconfig({ server, authority: authority.certificate, user }), { mode: 0o600 });
    return file;
  };
  const issue = (request: Omit<CertificateRequest, 'usage'>): Promise<KeyPair> =>
    authority.issue({ ...request, usage: 'client' }, now);
  const component = async (commonName: string): Promise<string> =>
    await put(join(controlPlane, `${commonName.replace('system:', '')}.kubeconfig`), await issue({ commonName }));

  const admin = await issue({ commonName: 'admin', organizations: ['system:masters'] });
  await put(inputs.kubeconfig, admin);
  await Promise.all(
    nodes.map(async (plan) => {
      const folder = nodeFolder(inputs.root, plan.name);
      const commonName = `system:node:${plan.name}`;
      await put(folder.kubeconfig, await issue({ commonName, organizations: ['system:nodes'] }));
      const serving = await authority.issue(
        { commonName, organizations: ['system:nodes'], usage: 'server', names: [plan.name], addresses: [plan.address] },
        now,
      );
      await writeFile(folder.servingCertificate, serving.certificate);
      await writeFile(folder.servingKey, serving.key, { mode: 0o600 });
    }),
  );
  return {
    admin,
    controllerManager: await component('system:kube-controller-manager'),
    scheduler: await component('system:kube-scheduler'),
    proxy: await component('system:kube-proxy'),
  };
}
