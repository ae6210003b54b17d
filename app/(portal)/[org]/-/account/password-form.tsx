'use client';

import { type FormEvent, useState } from 'react';
import type { PresentedError } from '#app/_server/present-error.ts';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { Field, FieldError } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { changeOwnPassword } from './actions.ts';

/** The person's own password; every other session of the person ends with the change. */
export function PasswordForm({ organization, email }: { organization: string; email: string }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [error, setError] = useState<PresentedError | null>(null);
  const [isPending, setPending] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setPending(true);
    const result = await changeOwnPassword(organization, { current, next }).catch(() => null);
    setPending(false);
    if (result === null) {
      showToast({ title: 'The portal does not answer.', glyph: 'failed', tone: 'red' });
      return;
    }
    setError(result.ok ? null : result.error);
    if (!result.ok) return;
    setCurrent('');
    setNext('');
    showToast({ title: 'The password is changed', detail: 'Your other sessions have ended.' });
  }

  const issue = (field: string) => error?.issues.find((each) => each.field === field)?.message;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div className="form">
        <Card title="Password">
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <Field id="password-current" label="Current password" error={issue('current')}>
            {(aria) => (
              <TextInput
                {...aria}
                type="password"
                autoComplete="current-password"
                value={current}
                onChange={(event) => setCurrent(event.target.value)}
              />
            )}
          </Field>
          <Field
            id="password-next"
            label="New password"
            help="At least 10 characters. Your sessions on other machines end."
            error={issue('next')}
          >
            {(aria) => (
              <TextInput
                {...aria}
                type="password"
                autoComplete="new-password"
                value={next}
                onChange={(event) => setNext(event.target.value)}
              />
            )}
          </Field>
          {error !== null && error.issues.length === 0 && <FieldError>{error.message}</FieldError>}
          <div className="flex justify-end px-4 py-2">
            <Button type="submit" variant="primary" big pending={isPending && 'Changing…'}>
              Change password
            </Button>
          </div>
        </Card>
      </div>
    </form>
  );
}
