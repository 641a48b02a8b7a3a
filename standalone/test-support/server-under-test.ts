import type { Engine } from '#database/engine.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';

/** What a manifest calls the engine, and the options by which a run takes this very server. @throws ServerUnavailable */
export async function serverUnderTest(
  name: EngineUnderTest,
): Promise<{ readonly engine: Engine; readonly options: readonly string[] }> {
  if (name === 'postgresql') return { engine: name, options: [] };
  const engine = packagedServers[name].kind;
  return { engine, options: [`--${engine}-bin`, await ensureServer(name)] };
}
