import { asWorker, type Transaction } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { type Services, systemContext } from '../context.ts';
import { describeChanges } from './describe-changes.ts';
import { loadCurrentDocument } from './load-settings.ts';
import { lockProjects } from './lock-projects.ts';
import { writeVersion } from './write-version.ts';

const batch = 100;

/**
 * Writes down, as a version of its own, every email debug whose time has ended (PRODUCT 2.11); for the worker's timer.
 * The transports obey the time by themselves, so being late here keeps no dialogue. Answers with how many.
 */
export function switchOffEmailDebug(services: Services): Promise<number> {
  return asWorker(services.database, async (tx) => {
    const due = await lockDueProjects(tx);
    for (const project of due) {
      const before = await loadCurrentDocument(tx, project);
      if (before === null) continue;
      const document = { ...before, debug: { until: null } };
      await writeVersion(tx, systemContext(services, project), project, {
        document,
        origin: 'switched_off',
        changes: describeChanges(before, document),
      });
    }
    return due.length;
  });
}

function lockDueProjects(tx: Transaction): Promise<ProjectRow[]> {
  return lockProjects(
    tx,
    `select p.id from mailroom.projects p
     join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
     where (v.document #>> '{debug,until}')::timestamptz <= mailroom.now()
     limit ${batch} for update of p skip locked`,
  );
}
