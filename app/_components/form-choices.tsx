'use client';

import type { ReactNode } from 'react';
import type { FieldValues } from 'react-hook-form';
import { RadioCards, RadioTiles, Segmented, Switch, type Choice } from '../_ui/choices.tsx';
import { Field } from '../_ui/field.tsx';
import { SecretField, type SecretChange } from '../_ui/secret-field.tsx';
import { useTie, type Tie, type Words } from './use-tie.ts';

/** One of a few: side by side, as a list with sentences, or as tiles (tiles have no label column). */
export function ChoiceField<In extends FieldValues, Out, V extends string>(
  props: Tie<In, Out> &
    Words & {
      as?: 'segmented' | 'cards' | 'tiles' | undefined;
      choices: ReadonlyArray<Choice<V>>;
      /** Told after the form has the new value: presets, ports that follow the protocol. */
      onPick?: ((value: V) => void) | undefined;
    },
) {
  const { tie, onChange, text, shell } = useTie(props);
  const radios = {
    name: tie.name,
    choices: props.choices,
    value: props.choices.find((choice) => choice.value === text)?.value,
    onChange: (value: V) => {
      onChange(value);
      props.onPick?.(value);
    },
  };
  if (props.as === 'tiles') return <RadioTiles {...radios} label={props.label} />;
  const group = { labelledBy: `${shell.id}-label` };
  return (
    <Field {...shell} group label={props.label} help={props.help} optional={props.optional}>
      {(aria) =>
        props.as === 'cards' ? (
          <RadioCards {...radios} {...group} describedBy={aria['aria-describedby']} />
        ) : (
          <Segmented {...radios} {...group} describedBy={aria['aria-describedby']} />
        )
      }
    </Field>
  );
}

/** On or off; `children` says what the present state means. */
export function SwitchField<In extends FieldValues, Out>(
  props: Tie<In, Out> & Words & { children?: ReactNode },
) {
  const { ref, tie, onChange, value, shell } = useTie(props);
  return (
    <Field {...shell} label={props.label} help={props.help} optional={props.optional}>
      {(aria) => (
        <Switch
          {...aria}
          ref={ref}
          checked={value === true}
          {...tie}
          onChange={(event) => onChange(event.target.checked)}
        >
          {props.children}
        </Switch>
      )}
    </Field>
  );
}

/** A switch for the head of a card, named by `label`. */
export function HeadSwitch<In extends FieldValues, Out>(props: Tie<In, Out> & { label: string }) {
  const { ref, tie, onChange, value } = useTie(props);
  return (
    <input
      type="checkbox"
      className="sw"
      aria-label={props.label}
      ref={ref}
      checked={value === true}
      {...tie}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

function isSecretChange(value: unknown): value is SecretChange {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** A secret whose form value is a `SecretChange`; `stored` says who set it and when. */
export function SecretFormField<In extends FieldValues, Out>(
  props: Tie<In, Out> & Words & { stored?: ReactNode; removable?: boolean | undefined },
) {
  const { onChange, value, shell } = useTie(props);
  return (
    <SecretField
      {...shell}
      label={props.label}
      optional={props.optional}
      help={props.help ?? 'Stored encrypted. Nobody can read it again, in the portal or through the API.'}
      stored={props.stored}
      removable={props.removable}
      change={isSecretChange(value) ? value : { kind: 'keep' }}
      onChange={onChange}
    />
  );
}
