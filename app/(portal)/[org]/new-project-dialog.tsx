'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import type { FieldIssue } from '#lib/errors.ts';
import { paths } from '#lib/paths.ts';
import { Button } from '../../_ui/button.tsx';
import { Dialog } from '../../_ui/dialog.tsx';
import { Field, FieldError } from '../../_ui/field.tsx';
import { TextInput } from '../../_ui/inputs.tsx';
import { createProject } from './actions.ts';

const longestSlug = 64;

/** What the address part is made of when nobody types one: the same rule as the server's. */
function slugFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, longestSlug)
    .replace(/-+$/, '');
}

export interface NewProjectDialogProps {
  readonly organization: string;
  /** Name of the default project, whose mail settings are copied. */
  readonly copiesFrom: string | null;
}

/** Asks for a name and makes the project. Stands open while the address says `?new=project`. */
export function NewProjectDialog({ organization, copiesFrom }: NewProjectDialogProps) {
  const router = useRouter();
  const pathname = usePathname();
  const isOpen = useSearchParams().get('new') === 'project';
  const formId = useId();
  const [isPending, setIsPending] = useState(false);
  const close = () => router.replace(pathname, { scroll: false });
  return (
    <Dialog
      open={isOpen}
      onOpenChange={(open) => !open && close()}
      title="New project"
      description={
        copiesFrom === null
          ? 'It takes mail at once and sends it when its mail server is set up.'
          : `It starts with a copy of the mail settings of ${copiesFrom}, the default project. They can be edited; the original is untouched.`
      }
      footer={
        <>
          <Button big onClick={close}>
            Cancel
          </Button>
          <Button big variant="primary" type="submit" form={formId} pending={isPending && 'Creating…'}>
            Create project
          </Button>
        </>
      }
    >
      <NewProjectForm
        formId={formId}
        organization={organization}
        onPending={setIsPending}
        onCreated={(slug) => router.push(paths.project(organization, slug))}
      />
    </Dialog>
  );
}

interface NewProjectFormProps {
  formId: string;
  organization: string;
  onPending: (isPending: boolean) => void;
  onCreated: (slug: string) => void;
}

function NewProjectForm({ formId, organization, onPending, onCreated }: NewProjectFormProps) {
  const [name, setName] = useState('');
  const [typedSlug, setTypedSlug] = useState<string | null>(null);
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const [refusal, setRefusal] = useState<string | null>(null);
  const slug = typedSlug ?? slugFrom(name);
  const issueOf = (field: string) => issues.find((issue) => issue.field === field)?.message;
  async function submit(event: FormEvent) {
    event.preventDefault();
    onPending(true);
    const result = await createProject(organization, { name, ...(slug === '' ? {} : { slug }) }).catch(
      () => null,
    );
    onPending(false);
    if (result?.ok === true) {
      onCreated(result.data.slug);
      return;
    }
    setIssues(result?.error.issues ?? []);
    setRefusal(result?.error.message ?? 'The portal does not answer. Nothing was created.');
  }
  const isNamed = issueOf('name') !== undefined || issueOf('slug') !== undefined;
  return (
    <form id={formId} className="mt-2" onSubmit={(event) => void submit(event)} noValidate>
      <Field id="new-project-name" label="Name" error={issueOf('name')}>
        {(aria) => (
          <TextInput
            {...aria}
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field
        id="new-project-slug"
        label="Short name"
        error={issueOf('slug')}
        help="Stands in addresses and in the API; it stays when the project is renamed."
      >
        {(aria) => (
          <TextInput {...aria} mono value={slug} onChange={(event) => setTypedSlug(event.target.value)} />
        )}
      </Field>
      <div role="alert">{refusal !== null && !isNamed && <FieldError>{refusal}</FieldError>}</div>
    </form>
  );
}
