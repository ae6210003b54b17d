'use client';

import { type FormEvent, useState } from 'react';
import type { ActionResult } from '../../../../_server/action.ts';
import type { PresentedError } from '../../../../_server/present-error.ts';
import { Card } from '../../../../_ui/card.tsx';
import { Field, FieldError } from '../../../../_ui/field.tsx';
import { Select, TextInput } from '../../../../_ui/inputs.tsx';
import { SaveBar } from '../../../../_ui/save-bar.tsx';
import { showToast } from '../../../../_ui/toast.tsx';
import { setDefaultProject, setNoticeSender, updateOrganization } from './actions.ts';
import { NoticeSender } from './notice-sender.tsx';

export interface ProjectChoice {
  readonly id: string;
  readonly name: string;
  readonly isSetUp: boolean;
  /** Its sending mode lets mail leave. */
  readonly isLive: boolean;
}

export interface OrganizationFormProps {
  readonly organization: string;
  readonly name: string;
  readonly timeZone: string;
  readonly zones: readonly string[];
  readonly defaultProject: string | null;
  readonly noticeSender: string | null;
  readonly projects: readonly ProjectChoice[];
}

/** Name, time zone, default project and sender of notices; each saved by its own verb, so each has its own entry in the history. */
export function OrganizationForm(props: OrganizationFormProps) {
  const { organization, projects, zones } = props;
  const [name, setName] = useState(props.name);
  const [timeZone, setTimeZone] = useState(props.timeZone);
  const [defaultProject, setDefault] = useState(props.defaultProject ?? '');
  const [noticeSender, setSender] = useState(props.noticeSender ?? '');
  const [error, setError] = useState<PresentedError | null>(null);
  const [isPending, setIsPending] = useState(false);
  const projectName = (id: string) => projects.find((project) => project.id === id)?.name ?? 'none';
  const isRenamed = name !== props.name;
  const isMoved = timeZone !== props.timeZone;
  const isOtherDefault = defaultProject !== (props.defaultProject ?? '');
  const isOtherSender = noticeSender !== (props.noticeSender ?? '');
  const changes = [
    ...(isRenamed ? [{ label: 'Name', old: props.name, new: name }] : []),
    ...(isMoved ? [{ label: 'Time zone', old: props.timeZone, new: timeZone }] : []),
    ...(isOtherDefault
      ? [
          {
            label: 'Default project',
            old: projectName(props.defaultProject ?? ''),
            new: projectName(defaultProject),
          },
        ]
      : []),
    ...(isOtherSender
      ? [
          {
            label: 'Notices are sent by',
            old: projectName(props.noticeSender ?? ''),
            new: projectName(noticeSender),
          },
        ]
      : []),
  ];
  async function save(): Promise<ActionResult<unknown>> {
    if (isRenamed || isMoved) {
      const saved = await updateOrganization(organization, { name, timeZone });
      if (!saved.ok) return saved;
    }
    if (isOtherDefault) {
      const project = defaultProject === '' ? null : defaultProject;
      const saved = await setDefaultProject(organization, { project });
      if (!saved.ok) return saved;
    }
    if (!isOtherSender) return { ok: true, data: null };
    return setNoticeSender(organization, { project: noticeSender === '' ? null : noticeSender });
  }
  async function submit(event: FormEvent) {
    event.preventDefault();
    setIsPending(true);
    const result = await save().catch(() => null);
    setIsPending(false);
    setError(result?.ok === false ? result.error : null);
    if (result?.ok === true) showToast({ title: 'The settings are saved' });
    if (result === null) showToast({ title: 'The portal does not answer.', glyph: 'failed', tone: 'red' });
  }
  function discard() {
    setName(props.name);
    setTimeZone(props.timeZone);
    setDefault(props.defaultProject ?? '');
    setSender(props.noticeSender ?? '');
    setError(null);
  }
  const issue = (field: string) => error?.issues.find((each) => each.field === field)?.message;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div className="form">
        <Card title="Organization">
          <Field id="organization-name" label="Name" error={issue('name')} dirty={isRenamed}>
            {(aria) => <TextInput {...aria} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field
            id="organization-zone"
            label="Time zone"
            help="A day begins and ends at midnight of this zone: figures of today count from there."
            error={issue('timeZone')}
            dirty={isMoved}
          >
            {(aria) => (
              <Select {...aria} value={timeZone} onChange={(event) => setTimeZone(event.target.value)}>
                {[...new Set([...zones, 'UTC', props.timeZone])].toSorted().map((zone) => (
                  <option key={zone}>{zone}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            id="organization-default"
            label="Default project"
            help="A new project starts with a copy of its mail settings. Changing one never touches the other."
            error={issue('project')}
            dirty={isOtherDefault}
          >
            {(aria) => (
              <Select {...aria} value={defaultProject} onChange={(event) => setDefault(event.target.value)}>
                <option value="">None: new projects start without mail settings</option>
                {projects.map((project) => (
                  <option key={project.id} value={project.id}>
                    {project.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {error !== null && error.issues.length === 0 && <FieldError>{error.message}</FieldError>}
        </Card>
        <NoticeSender
          projects={projects}
          value={noticeSender}
          error={issue('noticeProject')}
          dirty={isOtherSender}
          onChange={setSender}
        />
      </div>
      <SaveBar changes={changes} onDiscard={discard} pending={isPending} />
    </form>
  );
}
