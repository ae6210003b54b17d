import { DomainError } from '../errors.ts';
import type { ProjectRow } from './load-project.ts';

/** The project, unless it is archived: then nothing of it changes until it is restored. */
export function requireActive(project: ProjectRow): ProjectRow {
  if (project.archivedAt === null) return project;
  throw new DomainError('archived', 'This project is archived. Restore it first.');
}
