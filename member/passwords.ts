import { Value } from 'typebox/value';
import type { Logger } from '#runtime/logger.ts';
import { WatchedFile } from '#runtime/watched-file.ts';
import { MemberSecrets, type RolePasswords } from './secrets.ts';

/**
 * Passwords of the roles, read again when their file changes.
 * @throws ConfigurationError where it cannot be used to begin with
 */
export class Passwords {
  readonly #file: WatchedFile<MemberSecrets>;
  #before: RolePasswords | null = null;
  #current: MemberSecrets;
  #generation = 0;

  constructor(file: string, log: Logger) {
    this.#file = new WatchedFile({
      file,
      log,
      parse: (text) => Value.Parse(MemberSecrets, JSON.parse(text)),
      onRenewed: (secrets) => {
        this.#before = this.#current;
        this.#current = secrets;
        this.#generation += 1;
      },
    });
    this.#current = this.#file.current;
  }

  get current(): RolePasswords {
    return this.#current;
  }

  /** Another number after each change. */
  get generation(): number {
    return this.#generation;
  }

  /** What the database may have for a role: first what it shall have. */
  candidates(role: keyof RolePasswords): readonly string[] {
    return [...new Set([this.#current[role], ...this.former(role), this.#current.next?.[role]])].filter(isGiven);
  }

  /** What is to be replaced where the database still has it. */
  former(role: keyof RolePasswords): readonly string[] {
    return [this.#current.previous?.[role], this.#before?.[role]].filter(isGiven);
  }

  close(): void {
    this.#file.close();
  }
}

const isGiven = (password: string | undefined): password is string => password !== undefined;
