'use client';

import { Plus } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { PresentedError } from '../../../../_server/present-error.ts';
import { Button } from '../../../../_ui/button.tsx';
import { Dialog } from '../../../../_ui/dialog.tsx';
import { createKey } from './actions.ts';
import { CreatedKey } from './created-key.tsx';
import { KeyFields } from './key-fields.tsx';
import { keyInput, noValues } from './key-values.ts';

export interface CreateKeyDialogProps {
  readonly organization: string;
  readonly project: string;
  readonly messagesUrl: string;
  readonly why: string | false;
}

/** Asks what the key may do, then shows its token, the one time that anybody sees it. */
export function CreateKeyDialog({ organization, project, messagesUrl, why }: CreateKeyDialogProps) {
  const formId = useId();
  const [isOpen, setIsOpen] = useState(false);
  const [isPending, setIsPending] = useState(false);
  const [values, setValues] = useState(noValues);
  const [error, setError] = useState<PresentedError | null>(null);
  const [token, setToken] = useState<string | null>(null);
  function open() {
    setValues(noValues);
    setError(null);
    setToken(null);
    setIsOpen(true);
  }
  async function submit(event: FormEvent) {
    event.preventDefault();
    setIsPending(true);
    const result = await createKey(organization, { project, ...keyInput(values, new Date()) }).catch(
      () => null,
    );
    setIsPending(false);
    if (result?.ok === true) setToken(result.data.token);
    else setError(result?.error ?? noAnswer);
  }
  const done = (
    <Button big variant="primary" onClick={() => setIsOpen(false)}>
      Done
    </Button>
  );
  const ask = (
    <>
      <Button big onClick={() => setIsOpen(false)}>
        Cancel
      </Button>
      <Button big variant="primary" type="submit" form={formId} pending={isPending && 'Creating…'}>
        Create key
      </Button>
    </>
  );
  return (
    <>
      <Button big variant="primary" icon={Plus} why={why} onClick={open}>
        New key
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setIsOpen}
        title={token === null ? 'New API key' : 'Copy the key now'}
        description={
          token === null ? undefined : 'It is shown this once. Whoever has it can send as this project.'
        }
        footer={token === null ? ask : done}
      >
        {token === null ? (
          <form id={formId} className="mt-2" onSubmit={(event) => void submit(event)} noValidate>
            <KeyFields values={values} onChange={setValues} error={error} />
          </form>
        ) : (
          <CreatedKey token={token} messagesUrl={messagesUrl} />
        )}
      </Dialog>
    </>
  );
}

const noAnswer: PresentedError = {
  code: 'unavailable',
  message: 'The portal does not answer. Nothing was created.',
  issues: [],
  data: {},
  reference: null,
};
