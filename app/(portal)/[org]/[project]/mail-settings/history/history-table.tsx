'use client';

import Link from 'next/link';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useOptimistic, useTransition } from 'react';
import { tableRoles } from '#app/_components/data-table-model.ts';
import { Tag } from '#app/_ui/pill.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

export interface HistoryRow {
  readonly version: number;
  readonly at: string;
  readonly by: string;
  readonly words: string;
  /** "198.51.100.24, portal". */
  readonly source: string;
  readonly isCurrent: boolean;
}

interface Picked {
  readonly from: number | null;
  readonly to: number | null;
}

/** Every version; two columns of radios choose which two are compared, in the address. */
export function HistoryTable({ rows, ...compared }: { rows: readonly HistoryRow[] } & Picked) {
  const hrefOf = useCompareHref();
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const [{ from, to }, showPicked] = useOptimistic<Picked>({ from: compared.from, to: compared.to });
  const pick = (picked: Picked) =>
    startTransition(() => {
      showPicked(picked);
      router.push(hrefOf(picked), { scroll: false });
    });
  const newest = rows[0]?.version ?? 1;
  return (
    <div className="tbl" aria-busy={isPending}>
      <table className="dt t-history two-lines" aria-label="Versions" {...tableRoles.table}>
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <Head width={48}>
              <span className="sr-only">Compare from</span>
            </Head>
            <Head width={26}>
              <span className="sr-only">Compare to</span>
            </Head>
            <Head width={104}>Version</Head>
            <Head width={132}>When</Head>
            <Head width={176}>Who</Head>
            <Head>What changed</Head>
            <Head width={216} drop="first">
              From where
            </Head>
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {rows.map((row) => (
            <tr
              key={row.version}
              {...tableRoles.row}
              className={row.version === from || row.version === to ? 'open' : undefined}
            >
              <td {...tableRoles.cell}>
                <Radio
                  name="from"
                  label={`Compare from version ${row.version}`}
                  isChecked={row.version === from}
                  isOffered={row.version < (to ?? newest)}
                  onPick={() => pick({ from: row.version, to: to ?? newest })}
                />
              </td>
              <td {...tableRoles.cell} className="px-1!">
                <Radio
                  name="to"
                  label={`Compare to version ${row.version}`}
                  isChecked={row.version === to}
                  isOffered={row.version > (from ?? 1)}
                  onPick={() => pick({ from: from ?? row.version - 1, to: row.version })}
                />
              </td>
              <td {...tableRoles.cell} data-slot="title" className="font-medium">
                <span className="row">
                  {row.version > 1 ? (
                    <Link
                      className="link"
                      href={hrefOf({ from: row.version - 1, to: row.version })}
                      scroll={false}
                      aria-label={`Version ${row.version}, compare with the one before`}
                    >
                      {row.version}
                    </Link>
                  ) : (
                    row.version
                  )}
                  {row.isCurrent && <Tag>current</Tag>}
                </span>
              </td>
              <td {...tableRoles.cell} data-slot="state" className="text-text-2">
                <RelativeTime iso={row.at} style="clock" />
              </td>
              <td {...tableRoles.cell} data-slot="end">
                {row.by}
              </td>
              <td {...tableRoles.cell} data-slot="line" title={row.words}>
                {row.words}
              </td>
              <td {...tableRoles.cell} data-drop="first" className="text-text-3">
                {row.source}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head({ width, drop, children }: { width?: number; drop?: 'first'; children: React.ReactNode }) {
  return (
    <th scope="col" {...tableRoles.head} style={{ width: width ?? 'auto' }} data-drop={drop}>
      {children}
    </th>
  );
}

/** A version that cannot stand on this side of the comparison offers none. */
function Radio({
  name,
  label,
  isChecked,
  isOffered,
  onPick,
}: {
  name: 'from' | 'to';
  label: string;
  isChecked: boolean;
  isOffered: boolean;
  onPick: () => void;
}) {
  if (!isOffered && !isChecked) return null;
  return (
    <input
      type="radio"
      className="radio"
      name={name}
      aria-label={label}
      checked={isChecked}
      onChange={onPick}
    />
  );
}

/** The address that compares these two, with everything else of this one. */
export function useCompareHref(): (picked: Picked & { all?: boolean }) => string {
  const pathname = usePathname();
  const search = useSearchParams();
  return ({ from, to, all }) => {
    const next = new URLSearchParams(search);
    setOrDelete(next, 'from', from);
    setOrDelete(next, 'to', to);
    if (all !== undefined) setOrDelete(next, 'all', all ? 1 : null);
    const text = next.toString();
    return text === '' ? pathname : `${pathname}?${text}`;
  };
}

function setOrDelete(search: URLSearchParams, name: string, value: number | null): void {
  if (value === null) search.delete(name);
  else search.set(name, String(value));
}
