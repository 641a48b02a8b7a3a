import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';

/** PEM texts. */
export type KeyPair = { readonly certificate: string; readonly key: string };

export type CertificateRequest = {
  /** Kubernetes reads a user's name from it. */
  readonly commonName: string;
  /** And the user's groups from these. */
  readonly organizations?: readonly string[];
  readonly usage: 'client' | 'server';
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
};

/** Longer than any cluster of a test or a contributor lives. */
const YEARS = 10;
/** A machine's clock may be set back a little while a cluster runs. */
const HOUR_MS = 60 * 60 * 1_000;

/** Signs the certificates of one cluster. Made anew for each; its key never leaves the state folder. */
export class Authority {
  readonly certificate: string;
  readonly key: string;

  private constructor({ certificate, key }: KeyPair) {
    this.certificate = certificate;
    this.key = key;
  }

  static async create(now: Date): Promise<Authority> {
    const made = await generate([{ name: 'commonName', value: 'imapcluster local cluster' }], {
      ...common(now),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
      ],
    });
    return new Authority({ certificate: made.cert, key: made.private });
  }

  async issue(request: CertificateRequest, now: Date): Promise<KeyPair> {
    const { commonName, organizations = [], usage, names = [], addresses = [] } = request;
    const subject = [
      ...organizations.map((value) => ({ name: 'organizationName', value })),
      { name: 'commonName', value: commonName },
    ];
    const altNames = [
      ...names.map((value) => ({ type: 2 as const, value })),
      ...addresses.map((ip) => ({ type: 7 as const, ip })),
    ];
    const made = await generate(subject, {
      ...common(now),
      ca: { key: this.key, cert: this.certificate },
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: usage === 'server', clientAuth: usage === 'client' },
        ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames }]),
      ],
    });
    return { certificate: made.cert, key: made.private };
  }
}

/** What service-account tokens are signed and checked with. */
export function serviceAccountKeys(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function common(now: Date) {
  const notAfterDate = new Date(now);
  notAfterDate.setFullYear(now.getFullYear() + YEARS);
  return {
    keyType: 'ec' as const,
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - HOUR_MS),
    notAfterDate,
  };
}
