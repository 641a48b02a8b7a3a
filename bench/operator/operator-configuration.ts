import { Value } from 'typebox/value';
import { OperatorConfiguration } from '#operator/configuration.ts';

/**
 * What the operator is told, and what the objects that it finds are made of. The Lease is held for longer than the chart's: on a
 * machine where API server, agents and imapd share the processors with the operator, a leader that starves is no finding.
 */
export const operatorConfiguration = (port = 0): OperatorConfiguration =>
  Value.Parse(
    OperatorConfiguration,
    Value.Default(OperatorConfiguration, {
      identity: 'operator-0',
      lease: { namespace: 'default', name: 'operator', durationSeconds: 30, renewDeadlineMs: 25_000 },
      listen: { host: '127.0.0.1', port },
      images: {
        imapd: 'registry.example/imapd:1',
        member: 'registry.example/member:1',
        postgres: { image: 'postgres:18', majorVersion: 18 },
        mariadb: { image: 'mariadb:11.8', majorVersion: 11 },
        mysql: { image: 'mysql:9.7', majorVersion: 9 },
      },
    }),
  );
