'use client';

import { useState } from 'react';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { Button } from '#app/_ui/button.tsx';
import { Segmented } from '#app/_ui/choices.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { Field, FieldError } from '#app/_ui/field.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { TextInput } from '#app/_ui/inputs.tsx';
import { resendMessageAction } from './actions.ts';

type Target = 'own' | 'other';

export type ResendDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  organization: string;
  message: Pick<MessageDetail, 'id' | 'recipientCount' | 'acceptedCount' | 'project'>;
  onSent: (newId: string) => void;
};

/** Asks to whom a finished mail is sent again: those that have not got it, or another address. */
export function ResendDialog({ open, onOpenChange, organization, message, onSent }: ResendDialogProps) {
  const [target, setTarget] = useState<Target>('own');
  const [address, setAddress] = useState('');
  const [error, setError] = useState<string>();
  const [isPending, setPending] = useState(false);
  const own = ownRecipients(message);

  function change(isOpen: boolean): void {
    setError(undefined);
    onOpenChange(isOpen);
  }

  async function send(): Promise<void> {
    if (target === 'other' && address.trim() === '') {
      setError('Enter an address.');
      return;
    }
    setPending(true);
    setError(undefined);
    const result = await resendMessageAction(organization, {
      project: message.project.slug,
      id: message.id,
      ...(target === 'other' ? { to: [address.trim()] } : {}),
    }).catch(() => null);
    setPending(false);
    if (result?.ok !== true) {
      const refusal = result?.error.issues[0]?.message ?? result?.error.message;
      setError(refusal ?? 'The portal does not answer. Look at the list before you try again.');
      return;
    }
    change(false);
    onSent(result.data.id);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title="Send this mail again?"
      description="It becomes a new mail with its own Message-ID, linked to this one, and counts as one more mail."
      footer={
        <>
          <Button big onClick={() => change(false)}>
            Leave it
          </Button>
          <Button big variant="primary" pending={isPending && 'Sending…'} onClick={() => void send()}>
            Send again
          </Button>
        </>
      }
    >
      <div className="mt-3">
        <Segmented
          name="resend-target"
          label="To whom"
          value={target}
          onChange={(value) => {
            setTarget(value);
            setError(undefined);
          }}
          choices={[
            { value: 'own', label: own.label },
            { value: 'other', label: 'Another address' },
          ]}
        />
      </div>
      {target === 'other' ? (
        <Field id="resend-to" label="Address" error={error}>
          {(aria) => (
            <TextInput
              {...aria}
              mono
              inputMode="email"
              value={address}
              placeholder="someone@example.com"
              onChange={(event) => setAddress(event.target.value)}
              onKeyDown={(event) => event.key === 'Enter' && void send()}
            />
          )}
        </Field>
      ) : (
        <p className="mt-3 text-text-2">{own.effect}</p>
      )}
      <div role="alert">{target === 'own' && error !== undefined && <FieldError>{error}</FieldError>}</div>
    </Dialog>
  );
}

function ownRecipients({ recipientCount, acceptedCount }: ResendDialogProps['message']) {
  const missing = recipientCount - acceptedCount;
  const all = recipientCount === 1 ? 'Its recipient' : `All ${recipientCount} recipients`;
  const gets = recipientCount === 1 ? 'gets' : 'get';
  if (acceptedCount === 0) return { label: all, effect: `${all} ${gets} it.` };
  if (missing === 0) return { label: all, effect: `${all} ${gets} it once more.` };
  return {
    label: `The ${missing} without it`,
    effect: `${formatCount(acceptedCount, 'recipient')} that accepted it ${acceptedCount === 1 ? 'is' : 'are'} left out.`,
  };
}
