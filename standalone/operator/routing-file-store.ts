import type { RoutingStore, StoredRouting } from '#operator/ports.ts';
import { readFileIfPresent, writeFileAtomically } from '../state/atomic-file.ts';

/**
 * The routing document in force, as the operator signed it: `routing.json` for the operator, and beside it the bare
 * signed document from which an imapd boots.
 */
export class RoutingFileStore implements RoutingStore {
  readonly #file: string;
  readonly #signedFile: string;

  constructor(files: { readonly file: string; readonly signedFile: string }) {
    this.#file = files.file;
    this.#signedFile = files.signedFile;
  }

  async load(): Promise<StoredRouting | null> {
    const text = await readFileIfPresent(this.#file);
    return text === null ? null : (JSON.parse(text) as StoredRouting);
  }

  /** The operator's copy first: a version that an imapd has seen must never be given out again. */
  async save(routing: StoredRouting): Promise<void> {
    await writeFileAtomically(this.#file, `${JSON.stringify(routing)}\n`);
    await writeFileAtomically(this.#signedFile, routing.signed);
  }
}
