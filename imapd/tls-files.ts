import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigurationError } from '#runtime/configuration.ts';
import type { Logger } from '#runtime/logger.ts';
import type { TlsIdentity } from './session/tls-identity.ts';

/** How often the files are looked at, ms. Watching them would miss the swapped symbolic links of a mounted Secret. */
const LOOK_MS = 5_000;

/**
 * Certificate and key out of two files, read again when they change. Until a changed pair fits together the old one
 * serves on: the two files are never replaced at the same instant.
 * @throws ConfigurationError where the files cannot be used to begin with
 */
export class TlsFiles implements TlsIdentity {
  readonly #files: { readonly certFile: string; readonly keyFile: string };
  readonly #timer: NodeJS.Timeout;
  #context: SecureContext;
  #seen: string;

  constructor(files: { readonly certFile: string; readonly keyFile: string }, log: Logger) {
    this.#files = files;
    try {
      this.#seen = this.#stamp();
      this.#context = this.#read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(`tls: ${files.certFile}, ${files.keyFile}: ${reason}`, { cause });
    }
    this.#timer = setInterval(() => this.#look(log), LOOK_MS).unref();
  }

  current(): SecureContext {
    return this.#context;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(log: Logger): void {
    try {
      const now = this.#stamp();
      if (now === this.#seen) return;
      this.#context = this.#read();
      this.#seen = now;
    } catch (error) {
      log.event(
        'ConfigurationInvalid',
        { error: String(error) },
        'The new certificate cannot be used; the old one serves.',
      );
    }
  }

  #read(): SecureContext {
    return createSecureContext({ cert: readFileSync(this.#files.certFile), key: readFileSync(this.#files.keyFile) });
  }

  #stamp(): string {
    return [this.#files.certFile, this.#files.keyFile].map((file) => statSync(file).mtimeMs).join(' ');
  }
}
