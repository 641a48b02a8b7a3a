import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const NOBODY = 65_534;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** As a server's settings want them. */
export type CertificateFiles = { readonly ca: string; readonly cert: string; readonly key: string };

/** An authority, and files of certificates that it has made for database servers, which do not run as root. */
export class ServerCertificates implements AsyncDisposable {
  /** PEM. */
  readonly ca: string;
  readonly #key: string;
  readonly #folder: string;
  #made = 0;

  private constructor(ca: { readonly cert: string; readonly private: string }, folder: string) {
    this.ca = `${ca.cert.trimEnd()}\n`;
    this.#key = ca.private;
    this.#folder = folder;
  }

  static async create(): Promise<ServerCertificates> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-tls-'));
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    const ca = await generate([{ name: 'commonName', value: `authority ${randomUUID()}` }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new ServerCertificates(ca, folder);
  }

  /** For `database.example` and 127.0.0.1, good for a day from `since` on. */
  async issue(since = new Date(Date.now() - DAY_MS / 2)): Promise<CertificateFiles> {
    const made = await generate([{ name: 'commonName', value: 'database' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: since,
      notAfterDate: new Date(since.getTime() + DAY_MS),
      ca: { key: this.#key, cert: this.ca },
      extensions: [
        { name: 'basicConstraints', cA: false },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'database.example' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    const number = this.#made++;
    return {
      ca: await this.#write(`ca-${number}.pem`, this.ca),
      cert: await this.#write(`cert-${number}.pem`, made.cert),
      key: await this.#write(`key-${number}.pem`, made.private),
    };
  }

  /** One that ran out yesterday. */
  async issueExpired(): Promise<CertificateFiles> {
    return await this.issue(new Date(Date.now() - 2 * DAY_MS));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(name: string, pem: string): Promise<string> {
    const file = join(this.#folder, name);
    await writeFile(file, pem, { mode: 0o600 });
    if (isRoot) await chown(file, NOBODY, NOBODY);
    return file;
  }
}

const isRoot = process.getuid?.() === 0;
