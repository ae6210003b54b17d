'use client';

import { useId, useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { RadioTiles } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { presetOf, presets, proposePreset, type ProviderPreset } from '#lib/settings/presets.ts';
import { controlId, useForm } from './form-context.tsx';
import type { SettingsForm } from './form-values.ts';

const usuallyShown = new Set([
  'microsoft_365',
  'google',
  'amazon_ses',
  'mailgun',
  'sendgrid',
  'postmark',
  'postfix',
  'other',
]);

/** Well-known providers fill the form; everything can be typed over (PRODUCT 2.14). */
export function ProviderCard() {
  const { form, fill } = useForm();
  const [showsAll, setShowsAll] = useState(false);
  const current = presetOf(form['connection.host']);
  const shown = presets.filter(({ id }) => showsAll || usuallyShown.has(id) || id === current);
  function choose(id: string) {
    const preset = presets.find((each) => each.id === id);
    if (preset === undefined) return;
    fill(presetValues(preset, form));
    if (preset.host === null) document.getElementById(controlId('connection.host'))?.focus();
  }
  return (
    <Card title="Provider" note="fills in server, port and TLS">
      <div className="-my-1">
        <RadioTiles
          name="provider"
          label="Provider"
          choices={shown.map(({ id, name, summary }) => ({ value: id, label: name, note: summary }))}
          value={current}
          onChange={choose}
        />
        {!showsAll && (
          <p className="px-4 pb-3 text-xs">
            <button type="button" className="link" onClick={() => setShowsAll(true)}>
              Show all {presets.length} providers
            </button>
          </p>
        )}
        <div className="border-t border-line py-1">
          <AddressRow />
        </div>
      </div>
    </Card>
  );
}

/** Proposes a provider for an address that is pasted here. */
function AddressRow() {
  const { form, fill } = useForm();
  const id = useId();
  const [address, setAddress] = useState('');
  const proposed = proposePreset(address);
  const isWhole = /^\S+@\S+\.\S+$/.test(address.trim());
  const take = (preset: ProviderPreset) => {
    fill({ ...presetValues(preset, form), ...addressValues(preset, form, address.trim()) });
    setAddress('');
  };
  return (
    <Field
      id={id}
      label="Find by address"
      optional
      help={
        isWhole && proposed === null
          ? `No provider is known for ${address.trim().split('@').at(-1) ?? ''}. Type its server in below.`
          : 'Paste the e-mail address of the mailbox that sends.'
      }
    >
      {(aria) => (
        <span className="row">
          <TextInput
            {...aria}
            mono
            inputMode="email"
            placeholder="billing@gmail.com"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              if (proposed !== null) take(proposed);
            }}
          />
          {isWhole && proposed !== null && (
            <Button big onClick={() => take(proposed)}>
              Use {proposed.name}
            </Button>
          )}
        </span>
      )}
    </Field>
  );
}

function presetValues(preset: ProviderPreset, form: SettingsForm): Partial<SettingsForm> {
  return {
    'connection.host': preset.host ?? '',
    'connection.port': String(preset.port),
    'connection.protocol': preset.protocol,
    'connection.tlsPolicy': preset.tlsPolicy,
    'connection.authentication.kind': preset.requiresAuthentication ? 'basic' : 'none',
    'connection.authentication.userName': preset.fixedUserName ?? form['connection.authentication.userName'],
    'connection.maxConnections': String(preset.maxConnections),
  };
}

/** The pasted address where nothing else stands yet. */
function addressValues(preset: ProviderPreset, form: SettingsForm, address: string): Partial<SettingsForm> {
  const values: Partial<SettingsForm> = {};
  if (form['sender.address'].trim() === '') values['sender.address'] = address;
  const takesUserName = preset.requiresAuthentication && preset.fixedUserName === null;
  if (takesUserName && form['connection.authentication.userName'].trim() === '') {
    values['connection.authentication.userName'] = address;
  }
  return values;
}
