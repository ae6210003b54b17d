'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { poolKindLabels } from '#lib/pools/labels.ts';
import { poolPresets } from '#lib/pools/presets.ts';
import { poolKinds } from '#lib/pools/schemas.ts';
import { paths } from '#lib/paths.ts';
import { Card } from '#app/_ui/card.tsx';
import { Checkbox, Segmented } from '#app/_ui/choices.tsx';
import { Field, FieldError } from '#app/_ui/field.tsx';
import { NumberInput, Select, TextInput } from '#app/_ui/inputs.tsx';
import { type FieldChange, SaveBar } from '#app/_ui/save-bar.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { figureFields, presetValues, type PoolValues } from './pool-values.ts';
import { type ProjectChoice, useSavePool } from './use-save-pool.ts';

export interface PoolFormProps {
  readonly organization: string;
  /** Null: a new pool. */
  readonly pool: { readonly id: string; readonly version: number } | null;
  readonly saved: PoolValues;
  readonly projects: readonly ProjectChoice[];
}

/** What the provider grants, what is left to others, and who draws from it. */
export function PoolForm({ organization, pool, saved, projects }: PoolFormProps) {
  const router = useRouter();
  const [values, setValues] = useState(saved);
  const { save, issues, message, isPending, clear } = useSavePool({ organization, pool, saved, projects });
  const set = (change: Partial<PoolValues>) => setValues((before) => ({ ...before, ...change }));
  const preset = poolPresets.find(({ id }) => id === values.preset);
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!(await save(values))) return;
    showToast({ title: `${values.name.trim()} is saved` });
    router.push(paths.pools(organization));
  }
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div className="form">
        <Card title="Provider">
          <Field id="pool-preset" label="Provider" help={preset?.note}>
            {(aria) => (
              <Select
                {...aria}
                value={values.preset}
                onChange={(event) => set(presetValues(event.target.value))}
              >
                {poolPresets.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field id="pool-name" label="Name" error={issues['name']} dirty={values.name !== saved.name}>
            {(aria) => (
              <TextInput
                {...aria}
                value={values.name}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
          <Field id="pool-kind" label="Is one" group help={poolKindLabels[values.kind].meaning}>
            {() => (
              <Segmented
                name="kind"
                labelledBy="pool-kind-label"
                value={values.kind}
                onChange={(kind) => set({ kind })}
                choices={poolKinds.map((kind) => ({ value: kind, label: poolKindLabels[kind].label }))}
              />
            )}
          </Field>
        </Card>
        <Card title="What the provider grants" note="Blank means no limit.">
          {figureFields.map(({ key, field, label, unit }) => (
            <Figure
              key={key}
              id={`pool-${key}`}
              label={label}
              unit={unit}
              error={issues[field]}
              value={values[key]}
              isDirty={values[key] !== saved[key]}
              onChange={(text) => set({ [key]: text })}
            />
          ))}
        </Card>
        <Card title="Left to others" note="For mail that does not go through Mailroom.">
          <Figure
            id="pool-reserve-percent"
            label="Percent"
            unit="of every figure above"
            error={issues['reservePercent']}
            value={values.reservePercent}
            isDirty={values.reservePercent !== saved.reservePercent}
            onChange={(reservePercent) => set({ reservePercent })}
          />
          <Figure
            id="pool-reserve-recipients"
            label="Recipients"
            unit="of the 24 hours, on top of the percent"
            error={issues['reserveRecipients']}
            value={values.reserveRecipients}
            isDirty={values.reserveRecipients !== saved.reserveRecipients}
            onChange={(reserveRecipients) => set({ reserveRecipients })}
          />
        </Card>
        <Projects values={values} projects={projects} onChange={(chosen) => set({ projects: chosen })} />
        {message !== null && <FieldError>{message}</FieldError>}
      </div>
      <SaveBar
        changes={changesOf(values, saved, pool === null)}
        pending={isPending}
        saveLabel={pool === null ? 'Make the pool' : 'Save'}
        onDiscard={() => {
          setValues(saved);
          clear();
        }}
      />
    </form>
  );
}

function Figure(props: {
  id: string;
  label: string;
  unit: string;
  error: string | undefined;
  value: string;
  isDirty: boolean;
  onChange: (text: string) => void;
}) {
  return (
    <Field id={props.id} label={props.label} error={props.error} dirty={props.isDirty}>
      {(aria) => (
        <span className="row flex-wrap">
          <NumberInput
            {...aria}
            className="w-32! text-right"
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
          />
          <span className="text-xs text-text-3">{props.unit}</span>
        </span>
      )}
    </Field>
  );
}

function Projects({
  values,
  projects,
  onChange,
}: {
  values: PoolValues;
  projects: readonly ProjectChoice[];
  onChange: (slugs: readonly string[]) => void;
}) {
  return (
    <Card title="Projects" note="A project draws from one pool at most.">
      <Field id="pool-projects" label="Draw from it" group>
        {() => (
          <fieldset className="grid gap-1" aria-labelledby="pool-projects-label">
            {projects.map(({ slug, name, otherPool }) => (
              <Checkbox
                key={slug}
                className="min-h-8"
                checked={values.projects.includes(slug)}
                onChange={(event) =>
                  onChange(
                    event.target.checked
                      ? [...values.projects, slug]
                      : values.projects.filter((each) => each !== slug),
                  )
                }
              >
                <span>
                  {name}
                  {otherPool !== null && <span className="text-text-3">, leaves {otherPool}</span>}
                </span>
              </Checkbox>
            ))}
          </fieldset>
        )}
      </Field>
    </Card>
  );
}

function changesOf(values: PoolValues, saved: PoolValues, isNew: boolean): readonly FieldChange[] {
  if (isNew) return [{ label: 'New pool', old: '', new: values.name.trim() || 'without a name' }];
  const pairs: readonly (readonly [label: string, old: string, now: string])[] = [
    ['Provider', presetName(saved.preset), presetName(values.preset)],
    ['Name', saved.name, values.name],
    ['Kind', poolKindLabels[saved.kind].label, poolKindLabels[values.kind].label],
    ...figureFields.map(({ key, label }) => [label, saved[key], values[key]] as const),
    ['Percent left', saved.reservePercent, values.reservePercent],
    ['Recipients left', saved.reserveRecipients, values.reserveRecipients],
    ['Projects', saved.projects.toSorted().join(', '), values.projects.toSorted().join(', ')],
  ];
  return pairs
    .filter(([, old, now]) => old !== now)
    .map(([label, old, now]) => ({ label, old: old === '' ? 'none' : old, new: now === '' ? 'none' : now }));
}

function presetName(id: string): string {
  return poolPresets.find((each) => each.id === id)?.name ?? id;
}
