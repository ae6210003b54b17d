import { Fragment, type ReactNode } from 'react';
import { cx } from './cx.ts';

type Fact = { name: string; value: ReactNode; mono?: boolean | undefined };

/** Names and values in two columns; rows without a value are left out. */
export function DescriptionList({
  facts,
  mono,
  wide,
}: {
  facts: ReadonlyArray<Fact>;
  mono?: boolean;
  wide?: boolean;
}) {
  return (
    <dl className={cx('kv', mono && 'mono', wide && 'wide')}>
      {facts
        .filter((fact) => fact.value !== undefined && fact.value !== null && fact.value !== '')
        .map((fact) => (
          <Fragment key={fact.name}>
            <dt>{fact.name}</dt>
            <dd className={cx(fact.mono && 'mono')}>{fact.value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
