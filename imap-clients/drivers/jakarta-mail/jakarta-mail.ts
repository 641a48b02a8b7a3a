import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { scriptWorker } from '../../support/script-worker.ts';

const LIBRARIES = '/usr/share/java/jakarta-mail.jar:/usr/share/java/jakarta-activation.jar';

export const jakartaMail: MailClient = {
  name: 'Jakarta-Mail',
  what: 'the Java library',
  packages: ['libjakarta-mail-java', 'libjakarta-activation-java', 'default-jdk-headless'],
  probe: ['sh', '-c', 'java -version && jar=$(ls /usr/share/java/jakarta-mail-[0-9]*.jar) && basename "$jar"'],
  setUp: 'STARTTLS; QRESYNC, MOVE, UIDPLUS',
  does: scriptWorker(['java', '-cp', LIBRARIES, join(import.meta.dirname, 'Script.java')]),
};
