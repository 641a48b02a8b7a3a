import type { MemberConfiguration } from './configuration.ts';
import type { Engine } from './engine.ts';
import { PostgresEngine } from './postgres/postgres-engine.ts';
import type { MemberSecrets } from './secrets.ts';

/** The engine that a configuration names. */
export function createEngine(configuration: MemberConfiguration, secrets: MemberSecrets): Engine {
  switch (configuration.engine) {
    case 'postgresql':
      return new PostgresEngine(configuration, secrets);
  }
}
