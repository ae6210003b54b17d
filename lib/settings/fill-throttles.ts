import { asWorker, type Transaction } from '#db/client.ts';
import type { Services } from '../context.ts';
import { loadCurrentDocument } from './load-settings.ts';
import { lockProjects } from './lock-projects.ts';
import { storeThrottle } from './store-throttle.ts';

const batch = 100;

/**
 * Stores the throttle of every project by Graph whose current settings have none yet: saved before throttles were kept,
 * or by a portal of an older release. Answers with how many; for the worker's timer.
 */
export async function fillThrottles(services: Services): Promise<number> {
  const filled = await asWorker(services.database, (tx) => fillSome(tx, services));
  return filled < batch ? filled : filled + (await fillThrottles(services));
}

async function fillSome(tx: Transaction, { keyring }: Services): Promise<number> {
  const due = await lockProjects(
    tx,
    `select p.id from mailroom.projects p
     left join mailroom.throttles t on t.project_id = p.id
     where p.protocol = 'graph' and p.settings_version is distinct from t.settings_version
     limit ${batch} for update of p skip locked`,
  );
  for (const project of due) {
    const document = await loadCurrentDocument(tx, project);
    await storeThrottle(tx, keyring, project, { version: project.settingsVersion ?? 0, document });
  }
  return due.length;
}
