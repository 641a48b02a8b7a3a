import type { EndReason, FinishedCommand, SessionObserver } from '../session-observer.ts';

/** Remembers what sessions told of themselves. */
export class RecordedObserver implements SessionObserver {
  readonly commands: FinishedCommand[] = [];
  readonly ended: EndReason[] = [];
  readonly states: string[] = [];
  opened = 0;
  failedLogins = 0;
  readonly acted: string[] = [];
  headersRefused = 0;

  sessionOpened(): void {
    this.opened++;
  }

  stateChanged(from: string | null, to: string): void {
    this.states.push(`${from ?? ''}>${to}`);
  }

  sessionClosed(reason: EndReason): void {
    this.ended.push(reason);
  }

  commandFinished(command: FinishedCommand): void {
    this.commands.push(command);
  }

  proxyHeaderRefused(): void {
    this.headersRefused++;
  }

  actedFor(result: string): void {
    this.acted.push(result);
  }

  loginFailed(): void {
    this.failedLogins++;
  }
}
