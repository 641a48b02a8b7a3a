import type { TextListener } from '../text-search.ts';
import { storedFilter } from './stored-filter.ts';
import { FilterMaker } from './trigram-filter.ts';

/** What may be in the text of one message, as it is stored: in its own header, and in its body. */
export type TextSignature = { readonly header: Buffer; readonly body: Buffer };

/** Makes the signature of a message while it is searched, out of the very text that is searched. */
export class SignatureMaker implements TextListener {
  readonly #header = new FilterMaker();
  readonly #body = new FilterMaker();

  text(folded: string, ownHeader: boolean): void {
    (ownHeader ? this.#header : this.#body).write(folded);
  }

  endText(): void {
    this.#header.endText();
    this.#body.endText();
  }

  finish(): TextSignature {
    return { header: storedFilter(this.#header.finish()), body: storedFilter(this.#body.finish()) };
  }
}
