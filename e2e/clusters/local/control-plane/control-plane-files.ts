import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, type CertificateRequest, serviceAccountKeys } from '../../certificates/authority.ts';
import { type AuditLevel, auditPolicy } from './audit-policy.ts';

/** Paths of PEM files. */
export type KeyPairFiles = { readonly certificate: string; readonly key: string };

/** What an API server is started with. */
export type ControlPlaneFiles = {
  readonly folder: string;
  readonly authority: string;
  readonly authorityKey: string;
  readonly serving: KeyPairFiles;
  /** With which the API server speaks to kubelets. */
  readonly kubeletClient: KeyPairFiles;
  readonly serviceAccounts: { readonly publicKey: string; readonly privateKey: string };
  readonly auditPolicy: string;
  readonly auditLog: string;
};

export type FilesInputs = {
  readonly folder: string;
  readonly authority: Authority;
  /** Under which the API server is reached. */
  readonly addresses: readonly string[];
  readonly auditLevel: AuditLevel;
  readonly now: Date;
};

const NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];

export async function writeControlPlaneFiles(inputs: FilesInputs): Promise<ControlPlaneFiles> {
  const { folder, authority, addresses, auditLevel, now } = inputs;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const put = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const pair = async (name: string, request: CertificateRequest): Promise<KeyPairFiles> => {
    const { certificate, key } = await authority.issue(request, now);
    return { certificate: await put(`${name}.crt`, certificate), key: await put(`${name}.key`, key) };
  };
  const tokens = serviceAccountKeys();
  return {
    folder,
    authority: await put('authority.crt', authority.certificate),
    authorityKey: await put('authority.key', authority.key),
    serving: await pair('api-server', {
      commonName: 'kube-apiserver',
      usage: 'server',
      names: [...NAMES, 'localhost'],
      addresses,
    }),
    kubeletClient: await pair('kubelet-client', {
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['system:masters'],
      usage: 'client',
    }),
    serviceAccounts: {
      publicKey: await put('service-accounts.pub', tokens.publicKey),
      privateKey: await put('service-accounts.key', tokens.privateKey),
    },
    auditPolicy: await put('audit-policy.yaml', auditPolicy(auditLevel)),
    auditLog: join(folder, 'audit.log'),
  };
}
