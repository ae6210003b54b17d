'use client';

import { useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { consentByLink } from './actions.ts';

interface ConsentButtonsProps {
  token: string;
  mailbox: string;
  provider: 'microsoft' | 'google' | 'other';
  access: 'delegated' | 'app_only';
}

/** The owner of the mailbox, or at Microsoft an administrator, goes on to the provider. */
export function ConsentButtons({ token, mailbox, provider, access }: ConsentButtonsProps) {
  const [pending, setPending] = useState<'mailbox' | 'administrator' | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  async function goOn(kind: 'mailbox' | 'administrator') {
    setPending(kind);
    setRefusal(null);
    const result = await consentByLink(token, kind).catch(() => null);
    if (result?.ok === true) {
      location.assign(result.data.url);
      return;
    }
    setPending(null);
    setRefusal(result?.error.message ?? 'The portal does not answer. Try again.');
  }
  return (
    <div className="grid gap-2">
      {access === 'delegated' && (
        <Button
          variant="primary"
          big
          pending={pending === 'mailbox' && 'Going on…'}
          onClick={() => void goOn('mailbox')}
        >
          Sign in as {mailbox}
        </Button>
      )}
      {provider === 'microsoft' && (
        <Button
          variant={access === 'delegated' ? 'default' : 'primary'}
          big
          pending={pending === 'administrator' && 'Going on…'}
          onClick={() => void goOn('administrator')}
        >
          Consent for the organization, as an administrator
        </Button>
      )}
      <div role="alert">{refusal !== null && <FieldError>{refusal}</FieldError>}</div>
    </div>
  );
}
