type Span = { readonly what: string; readonly began: number; readonly ended: number };

/** What has been done from when to when, by `performance.now()`. */
export class Spans {
  #spans: Span[] = [];

  clear(): void {
    this.#spans = [];
  }

  async note<T>(what: string, work: Promise<T>): Promise<T> {
    const began = performance.now();
    return await work.finally(() => this.#spans.push({ what, began, ended: performance.now() }));
  }

  /** A line for each that was under way between the two moments, in the order of their beginnings, in milliseconds from the first. */
  between(from: number, to: number): readonly string[] {
    return this.#spans
      .filter(({ began, ended }) => ended >= from && began <= to)
      .toSorted((a, b) => a.began - b.began)
      .map(({ what, began, ended }) => `${inMs(began - from)} … ${inMs(ended - from)}  ${what}`);
  }
}

const inMs = (ms: number): string => String(Math.round(ms)).padStart(5);
