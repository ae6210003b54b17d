'use client';

import { useId, useState } from 'react';
import { Note } from '#app/_ui/banner.tsx';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { Switch } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { TextArea } from '#app/_ui/inputs.tsx';
import { tlsPolicyHelp, tlsPolicyWords } from '#lib/settings/labels.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, useRow } from './form-fields.tsx';
import { Warnings } from './warnings.tsx';

const policies = (['none', 'when_offered', 'required'] as const).map((value) => ({
  value,
  label: tlsPolicyWords[value],
  note: tlsPolicyHelp[value],
}));

/** How the way to the server is protected (PRODUCT 2.4). */
export function EncryptionCard() {
  const { form } = useForm();
  const isClear = form['connection.protocol'] === 'smtp' && form['connection.tlsPolicy'] === 'none';
  return (
    <Card title="Encryption">
      {form['connection.protocol'] === 'smtps' ? (
        <div className="px-4 py-2">
          <Note tone="plain" glyph="ok">
            SMTPS is encrypted from the first byte, so there is no TLS policy to choose.
          </Note>
        </div>
      ) : (
        <ChoiceRow field="connection.tlsPolicy" as="cards" choices={policies} />
      )}
      <Warnings of={['connection.tlsPolicy']} />
      {!isClear && <CertificateRows />}
    </Card>
  );
}

/** Whether the certificate is checked, and which authority is trusted beside the system's. */
export function CertificateRows() {
  const { form, set } = useForm();
  const shell = useRow({ field: 'connection.checkCertificate' });
  const checked = form['connection.checkCertificate'];
  return (
    <>
      <Field {...shell}>
        {(aria) => (
          <Switch
            {...aria}
            checked={checked}
            onChange={(event) => set('connection.checkCertificate', event.target.checked)}
          >
            {checked ? 'Name and chain must match.' : 'Any certificate is taken.'}
          </Switch>
        )}
      </Field>
      <Warnings of={['connection.checkCertificate']} />
      <CustomCaRow />
    </>
  );
}

/** An authority of the project's own: a word until somebody wants one. */
export function CustomCaRow() {
  const { form } = useForm();
  const [isAdding, setAdding] = useState(false);
  if (isAdding || form['connection.customCa'] !== '') return <CustomCa onEmpty={() => setAdding(false)} />;
  return (
    <div className="fld">
      <span />
      <span>
        <button type="button" className="link" onClick={() => setAdding(true)}>
          Add a custom CA
        </button>
      </span>
    </div>
  );
}

// A chain of authorities is a few kilobytes; what is larger is no certificate.
const largestFileBytes = 65_536;

function CustomCa({ onEmpty }: { onEmpty: () => void }) {
  const { form, set } = useForm();
  const fileId = useId();
  const [fileError, setFileError] = useState<string>();
  const shell = useRow({
    field: 'connection.customCa',
    optional: true,
    help: 'Trusted beside the authorities of the system, for this project only.',
  });
  async function take(file: File | undefined) {
    if (file === undefined) return;
    if (file.size > largestFileBytes) {
      setFileError(`${file.name} is larger than 64 KB; a certificate in PEM form is smaller.`);
      return;
    }
    setFileError(undefined);
    set('connection.customCa', await file.text());
  }
  return (
    <Field {...shell} error={fileError ?? shell.error}>
      {(aria) => (
        <div className="grid gap-2">
          <TextArea
            {...aria}
            mono
            rows={5}
            spellCheck={false}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={form['connection.customCa']}
            onChange={(event) => set('connection.customCa', event.target.value)}
          />
          <span className="row flex-wrap">
            <label
              className="btn focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-focus"
              htmlFor={fileId}
            >
              Choose a file
              <input
                id={fileId}
                type="file"
                className="sr-only"
                accept=".pem,.crt,.cer,application/x-pem-file"
                onChange={(event) => void take(event.target.files?.[0])}
              />
            </label>
            <Button
              variant="quiet-danger"
              onClick={() => {
                set('connection.customCa', '');
                onEmpty();
              }}
            >
              Remove custom CA
            </Button>
          </span>
        </div>
      )}
    </Field>
  );
}
