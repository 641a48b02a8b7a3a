import { systemFlags } from '../store/types.ts';

/** Bits of one word of keywords (`MessageRows`). */
export const KEYWORDS_A_WORD = 31;
const RECENT = 32;
/** Texts that are remembered: mailboxes use few combinations of keywords; one that uses many is written out each time. */
const MAX_REMEMBERED = 1024;

export type MessageFlags = {
  readonly system: number;
  readonly keywordsLow: number;
  readonly keywordsHigh: number;
  readonly recent: boolean;
};

/** Writes the flags of messages as IMAP text: `\Seen $Forwarded`, without parentheses. */
export class FlagText {
  readonly #keywords: readonly string[];
  readonly #plain: (string | undefined)[] = [];
  readonly #remembered = new Map<string, string>();

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
  }

  /** Was this made for the same keywords? They only grow. */
  fits(keywords: readonly string[]): boolean {
    return keywords === this.#keywords || keywords.length === this.#keywords.length;
  }

  of(flags: MessageFlags): string {
    const system = flags.recent ? flags.system | RECENT : flags.system;
    if (flags.keywordsLow === 0 && flags.keywordsHigh === 0) {
      this.#plain[system] ??= systemText(system).join(' ');
      return this.#plain[system];
    }
    const key = `${system} ${flags.keywordsLow} ${flags.keywordsHigh}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const text = [...systemText(system), ...this.#keywordText(flags)].join(' ');
    if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.set(key, text);
    return text;
  }

  #keywordText(flags: MessageFlags): string[] {
    return this.#keywords.filter((_, bit) => hasKeyword(bit, flags.keywordsLow, flags.keywordsHigh));
  }
}

export function hasKeyword(bit: number, low: number, high: number): boolean {
  return bit < KEYWORDS_A_WORD ? ((low >>> bit) & 1) === 1 : ((high >>> (bit - KEYWORDS_A_WORD)) & 1) === 1;
}

function systemText(bits: number): string[] {
  const names = Object.entries(systemFlags).filter(([, bit]) => (bits & bit) !== 0);
  return [...names.map(([name]) => name), ...((bits & RECENT) === 0 ? [] : ['\\Recent'])];
}
