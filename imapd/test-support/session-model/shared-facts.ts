import type { Answer } from './model-session.ts';

/** What all clients of one mailbox must agree about, whichever process told them. */
export class SharedFacts {
  readonly violations: string[] = [];
  readonly #subjects = new Map<number, string>();
  readonly #appended = new Set<number>();
  #messages = 0;

  newSubject(): string {
    this.#messages += 1;
    return `message ${this.#messages}`;
  }

  /** No UID is given twice. */
  noteAppended({ responses }: Answer): void {
    const last = responses.at(-1);
    const code = last?.kind === 'condition' && last.code?.name === 'APPENDUID' ? last.code : null;
    const uid = code?.sets[0]?.[0]?.[0];
    if (uid === undefined) return;
    if (this.#appended.has(uid)) this.violations.push(`UID ${uid} was given twice`);
    this.#appended.add(uid);
  }

  /** What is wrong with it, if anything. */
  noteSubject(uid: number, subject: string): string | null {
    const before = this.#subjects.get(uid);
    this.#subjects.set(uid, subject);
    return before === undefined || before === subject ? null : `UID ${uid} is ${subject}, and was ${before}`;
  }
}
