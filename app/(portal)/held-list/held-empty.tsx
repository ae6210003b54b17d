import { paths } from '#lib/paths.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { type HeldPlace, heldHref } from './held-place.ts';

export interface HeldEmptyProps {
  readonly place: HeldPlace;
  readonly projectName: string | null;
  /** What the filter asks for, as a clause; null without one. */
  readonly filter: string | null;
  /** Everything that is held here, whatever the filter. */
  readonly total: number;
}

/** Why the list is empty, and the next step. */
export function HeldEmpty({ place, projectName, filter, total }: HeldEmptyProps) {
  const word = place.state === 'backlog' ? 'held' : 'suspended';
  if (filter !== null && total > 0) {
    return (
      <EmptyState
        kind="nothing-matches"
        title={`No ${word} mail matches`}
        actions={<LinkButton href={heldHref(place)}>Clear filters</LinkButton>}
      >
        {formatCount(total, `${word} mail`)} {total === 1 ? 'is' : 'are'} hidden
        {filter === '' ? ' by the filters' : `: ${filter}`}.
      </EmptyState>
    );
  }
  const of = projectName === null ? '' : ` of ${projectName}`;
  if (place.state === 'backlog') {
    return (
      <EmptyState
        kind="nothing-yet"
        title="Nothing is held"
        actions={
          <LinkButton
            href={
              place.project === null
                ? paths.limits(place.organization)
                : paths.projectLimits(place.organization, place.project)
            }
          >
            Limits
          </LinkButton>
        }
      >
        Mail{of} waits here when a limit is reached, when it has too many recipients, when it looks like a
        flood, or when a person holds it. Nothing here is lost.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      kind="nothing-yet"
      title="Nothing is suspended"
      actions={<LinkButton href={heldHref({ ...place, state: 'backlog' })}>Backlog</LinkButton>}
    >
      A person can take mail{of} out of the backlog for good. It is kept here for ever and can be put back.
    </EmptyState>
  );
}
