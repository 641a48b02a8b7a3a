import { generate } from 'selfsigned';
import { type Secret, secretValues } from '../manifests/secret.ts';
import { readFileIfPresent } from './atomic-file.ts';
import type { StateFolder } from './state-folder.ts';

/** PEM files; imapd reads them again when they change. */
export type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;

/**
 * Where imapd finds its certificate: the manifests' Secret where the cluster names one, else a self-signed one for
 * localhost, made once and kept, so that a client that trusted it goes on doing so.
 */
export async function certificateFiles(
  state: StateFolder,
  secret: Secret | null,
  now: Date,
): Promise<CertificateFiles> {
  if (secret !== null) {
    const values = secretValues(secret);
    return await store(state, 'given', { cert: values.get('tls.crt') ?? '', private: values.get('tls.key') ?? '' });
  }
  const certFile = state.file('tls', 'self-signed.crt');
  const keyFile = state.file('tls', 'self-signed.key');
  if ((await readFileIfPresent(certFile)) !== null && (await readFileIfPresent(keyFile)) !== null) {
    return { certFile, keyFile };
  }
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: now,
    notAfterDate: new Date(now.getTime() + 10 * YEAR_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return await store(state, 'self-signed', pair);
}

type Pem = { readonly cert: string; readonly private: string };

async function store(state: StateFolder, name: string, pem: Pem): Promise<CertificateFiles> {
  return {
    certFile: await state.writeForChildren(pem.cert, 'tls', `${name}.crt`),
    keyFile: await state.writeForChildren(pem.private, 'tls', `${name}.key`),
  };
}
