import type { Reporter, TestCase } from 'vitest/node';

/** A reporter of vitest: a test that passed at its second try says why it failed at the first, which would go unnoticed. */
export default class TellRetries implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    if (state !== 'passed' || (test.diagnostic()?.retryCount ?? 0) === 0) return;
    const first = errors.map((error) => [...messagesOf(error), ...(error.stacks ?? []).map(placeOf)].join('\n    at '));
    process.stderr.write(`passed at a later try: ${test.fullName}\n  ${first.join('\n  ')}\n`);
  }
}

type Failure = { readonly message: string; readonly cause?: unknown };

/** What the failure says, and what it says led to it. */
function messagesOf({ message, cause }: Failure): readonly string[] {
  const isFailure = typeof cause === 'object' && cause !== null && 'message' in cause;
  return isFailure ? [message, ...messagesOf(cause as Failure)] : [message];
}

type Place = { readonly file: string; readonly line: number };

const placeOf = ({ file, line }: Place): string => `${file}:${line}`;
