import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigurationError } from '#runtime/configuration.ts';
import { fileStamp } from '#runtime/file-stamp.ts';
import type { Logger } from '#runtime/logger.ts';
import type { CertificateField } from './session/client-certificate.ts';
import type { TlsIdentity } from './session/tls-identity.ts';

/** At most 32 octets. Tickets are sealed by keys of the secure context: those of before a change of files are not taken. */
const SESSION_CONTEXT = 'imapcluster';

export type TlsFilesOptions = {
  readonly certFile: string;
  readonly keyFile: string;
  /** How often the files are looked at. Watching them would miss the swapped symbolic links of a mounted Secret. */
  readonly lookMs: number;
  /** Who vouches for clients, which are then asked for a certificate; null: they are not. */
  readonly clients: { readonly caFile: string; readonly userFrom: CertificateField } | null;
};

/**
 * Certificate and key out of two files, read again when they change; new connections use what is new. Until a changed pair
 * fits together the old one serves on: the two files are never replaced at the same instant, so that a pair is called
 * unusable only when it is so twice.
 * @throws ConfigurationError where the files cannot be used to begin with
 */
export class TlsFiles implements TlsIdentity {
  readonly #files: TlsFilesOptions;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #context: SecureContext;
  #seen: string;
  /** What the files that cannot be used looked like when they were last looked at, and whether that has been said. */
  #unusable: { readonly stamp: string; readonly told: boolean } | null = null;

  constructor(files: TlsFilesOptions, log: Logger) {
    this.#files = files;
    this.#log = log;
    try {
      this.#seen = this.#stamp();
      this.#context = this.#read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(`tls: ${files.certFile}, ${files.keyFile}: ${reason}`, { cause });
    }
    this.#timer = setInterval(() => this.#look(), files.lookMs).unref();
  }

  get clientField(): CertificateField | null {
    return this.#files.clients?.userFrom ?? null;
  }

  current(): SecureContext {
    return this.#context;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const stamp = this.#stamp();
    if (stamp === this.#seen) return;
    try {
      this.#context = this.#read();
      this.#seen = stamp;
      this.#unusable = null;
      this.#log.event('CertificateRenewed', { ...this.#names(), ...validityOf(this.#files.certFile) });
    } catch (error) {
      this.#refuse(stamp, error);
    }
  }

  #refuse(stamp: string, error: unknown): void {
    const before = this.#unusable?.stamp === stamp ? this.#unusable : null;
    if (before?.told === false) this.#log.event('CertificateUnusable', { ...this.#names(), error: String(error) });
    this.#unusable = { stamp, told: before !== null };
  }

  #names(): { readonly certFile: string; readonly keyFile: string } {
    const { certFile, keyFile } = this.#files;
    return { certFile, keyFile };
  }

  #read(): SecureContext {
    const { certFile, keyFile, clients } = this.#files;
    // Of a file that holds none OpenSSL would take nothing, and nobody's certificate would hold.
    const ca = clients === null ? null : certificatesIn(clients.caFile);
    return createSecureContext({
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      ...(ca === null ? {} : { ca }),
      // Who asks clients for certificates must say whose sessions these are, or OpenSSL refuses each one that is resumed.
      sessionIdContext: SESSION_CONTEXT,
    });
  }

  #stamp(): string {
    const { certFile, keyFile, clients } = this.#files;
    return fileStamp(certFile, keyFile, ...(clients === null ? [] : [clients.caFile]));
  }
}

/** @throws Error where there is none */
function certificatesIn(caFile: string): Buffer {
  const pem = readFileSync(caFile);
  try {
    void new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`${caFile} is no certificate in PEM`, { cause });
  }
  return pem;
}

/** Until when the first certificate of a file is good, for whoever reads the log. */
const validityOf = (certFile: string): { readonly validTo: string } => ({
  validTo: new X509Certificate(readFileSync(certFile)).validTo,
});
