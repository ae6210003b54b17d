'use client';

import { type FormEvent, useState } from 'react';
import type { FieldIssue } from '#lib/errors.ts';
import { paths } from '#lib/paths.ts';
import { Button } from '../../../_ui/button.tsx';
import { FieldError } from '../../../_ui/field.tsx';
import { TextInput } from '../../../_ui/inputs.tsx';
import { claimSetup } from './actions.ts';

interface SetupField {
  readonly name: 'organizationName' | 'name' | 'email' | 'password';
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autoComplete: string;
  readonly help?: string;
}

const fields: readonly SetupField[] = [
  {
    name: 'organizationName',
    label: 'Organization',
    type: 'text',
    autoComplete: 'organization',
    help: 'Your company or team. Its projects come next.',
  },
  { name: 'name', label: 'Your name', type: 'text', autoComplete: 'name' },
  { name: 'email', label: 'E-mail address', type: 'email', autoComplete: 'username' },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autoComplete: 'new-password',
    help: 'At least 10 characters.',
  },
];

/** The first owner and organization, made once by the holder of the link. */
export function SetupForm({ token }: { token: string }) {
  const [isPending, setIsPending] = useState(false);
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const [refusal, setRefusal] = useState<string | null>(null);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    setIsPending(true);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const result = await claimSetup({
      token,
      organizationName: text('organizationName'),
      name: text('name'),
      email: text('email'),
      password: text('password'),
      timeZone,
    }).catch(() => null);
    if (result?.ok === true) {
      location.assign(paths.home(result.data.organization));
      return;
    }
    setIsPending(false);
    setIssues(result?.error.issues ?? []);
    setRefusal(result?.error.message ?? 'The portal does not answer. Try again.');
  }
  const named = issues.filter(({ field }) => fields.some(({ name }) => name === field));
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div>
        <h1>Set up Mailroom</h1>
        <p className="mt-0.5 text-text-2">You become the owner of the first organization.</p>
      </div>
      {fields.map((field) => (
        <SetupInput
          key={field.name}
          field={field}
          error={named.find((issue) => issue.field === field.name)?.message}
        />
      ))}
      <div role="alert">{refusal !== null && named.length === 0 && <FieldError>{refusal}</FieldError>}</div>
      <Button type="submit" variant="primary" big pending={isPending && 'Setting up…'}>
        Set up
      </Button>
    </form>
  );
}

function SetupInput({ field, error }: { field: SetupField; error: string | undefined }) {
  const { name, label, help, ...input } = field;
  const described = error === undefined ? help && `${name}-help` : `${name}-error`;
  return (
    <div>
      <label htmlFor={name}>
        <span className="lb">{label}</span>
      </label>
      <TextInput
        {...input}
        id={name}
        name={name}
        {...(described === undefined ? {} : { 'aria-describedby': described })}
        {...(error === undefined ? {} : { 'aria-invalid': true })}
      />
      {error !== undefined && <FieldError id={`${name}-error`}>{error}</FieldError>}
      {error === undefined && help !== undefined && (
        <p className="help" id={`${name}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
