'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '../../../_ui/button.tsx';
import { Card } from '../../../_ui/card.tsx';
import { Field } from '../../../_ui/field.tsx';
import { formatCount } from '../../../_ui/format-number.ts';
import { TextInput } from '../../../_ui/inputs.tsx';
import { Mono } from '../../../_ui/machine-words.tsx';
import { showToast } from '../../../_ui/toast.tsx';
import { ConfirmActionButton } from '../../action-button.tsx';
import { archiveProject, renameProject } from './actions.ts';

export interface ProjectSettingsProps {
  readonly organization: string;
  readonly project: {
    readonly id: string;
    readonly name: string;
    readonly slug: string;
    readonly waiting: number;
  };
  readonly isArchived: boolean;
  /** Why the reader may change nothing here. */
  readonly why: string | false;
}

/** The project's name, and last the danger zone. */
export function ProjectSettings({ organization, project, isArchived, why }: ProjectSettingsProps) {
  return (
    <div className="form mt-4">
      <RenameCard organization={organization} project={project} why={why} />
      {!isArchived && (
        <Card title="Archive this project" danger padded>
          <div className="row flex-wrap justify-between">
            <p className="text-text-2">
              It takes no mail any more and its keys are refused. Nothing is deleted, and it can be restored.
            </p>
            <ConfirmActionButton
              run={() => archiveProject(organization, { project: project.id })}
              variant="danger"
              why={why}
              title={`Archive ${project.name}?`}
              description={archiveEffect(project.waiting)}
              confirmLabel="Archive project"
              confirmVariant="danger"
              pendingLabel="Archiving…"
              done={`${project.name} is archived`}
            >
              Archive project
            </ConfirmActionButton>
          </div>
        </Card>
      )}
    </div>
  );
}

function archiveEffect(waiting: number): string {
  const held = waiting === 0 ? 'No mail waits.' : heldWords(waiting);
  return `${held} Calls with its keys are answered with 409. Restoring brings it back with sending paused.`;
}

function heldWords(waiting: number): string {
  if (waiting === 1) return 'One mail waits; it stays as it is and is not sent.';
  return `${formatCount(waiting, 'mail')} wait; they stay as they are and are not sent.`;
}

function RenameCard({ organization, project, why }: Omit<ProjectSettingsProps, 'isArchived'>) {
  const [name, setName] = useState(project.name);
  const [error, setError] = useState<string>();
  const [isPending, setIsPending] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setIsPending(true);
    const result = await renameProject(organization, { project: project.id, name }).catch(() => null);
    setIsPending(false);
    if (result?.ok === true) {
      setError(undefined);
      showToast({ title: `The project is called ${result.data.name}` });
      return;
    }
    setError(result?.error.message ?? 'The portal does not answer. Nothing was changed.');
  }
  const isUnchanged = name.trim() === project.name && 'Nothing has changed.';
  return (
    <Card title="Project">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Field
          id="project-name"
          label="Name"
          error={error}
          help={
            <>
              In addresses and in the API it stays <Mono>{project.slug}</Mono>.
            </>
          }
        >
          {(aria) => (
            <span className="row">
              <TextInput
                {...aria}
                value={name}
                readOnly={why !== false}
                onChange={(event) => setName(event.target.value)}
              />
              <Button big type="submit" why={why || isUnchanged} pending={isPending && 'Renaming…'}>
                Rename
              </Button>
            </span>
          )}
        </Field>
      </form>
    </Card>
  );
}
