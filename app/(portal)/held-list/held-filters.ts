import type { HeldState } from '#lib/backlog/schemas.ts';
import { holdReasonFacts, holdReasons } from '#lib/policy/hold-reasons.ts';
import type { Filter } from '#app/_components/filter-bar.tsx';

const heldNames = { backlog: 'Held', suspended: 'Suspended' } as const satisfies Record<HeldState, string>;

/** The filters of a list of held mail. `projects` (short names) only where it shows several. */
export function heldFilterBar(
  state: HeldState,
  projects: ReadonlyArray<{ readonly slug: string; readonly name: string }>,
): Filter[] {
  return [
    ...(projects.length === 0
      ? []
      : [
          {
            param: 'project',
            name: 'Project',
            kind: 'choice' as const,
            options: projects.map(({ slug, name }) => ({ value: slug, label: name })),
          },
        ]),
    {
      param: 'reason',
      name: 'Why it waits',
      kind: 'choice',
      options: holdReasons.map((reason) => ({ value: reason, label: holdReasonFacts[reason].label })),
    },
    {
      param: 'held',
      name: heldNames[state],
      kind: 'choice',
      options: [
        { value: 'hour', label: 'in the last hour' },
        { value: 'day', label: 'in the last 24 hours' },
        { value: 'older', label: 'more than 24 hours ago' },
      ],
    },
    {
      param: 'priority',
      name: 'Priority',
      kind: 'choice',
      options: [
        { value: 'high', label: 'high' },
        { value: 'normal', label: 'normal' },
        { value: 'low', label: 'low' },
      ],
    },
    { param: 'category', name: 'Category', kind: 'text', placeholder: 'ticket-reply' },
    { param: 'recipients', name: 'Recipients at least', kind: 'text', placeholder: '100' },
  ];
}
