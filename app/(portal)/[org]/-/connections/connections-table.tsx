'use client';

import type { ConnectionView } from '#lib/connections/list-connections.ts';
import { paths } from '#lib/paths.ts';
import { transportWords } from '#lib/settings/labels.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { formatCount } from '#app/_ui/format-number.ts';
import { Pill } from '#app/_ui/pill.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { ActionButton } from '../../../action-button.tsx';
import { proveConnectionAction } from './actions.ts';
import { connectionLooks, endsWords } from './connection-words.ts';

interface TableProps {
  readonly organization: string;
  readonly connections: readonly ConnectionView[];
  /** Said on the button of those who may not prove. */
  readonly whyNotProve: string;
}

/** One row for each project, trouble first. */
export function ConnectionsTable(props: TableProps) {
  return (
    <DataTable
      label="Connections"
      columns={columns(props)}
      rows={props.connections}
      rowId={(connection) => connection.projectId}
      stack="limits"
    />
  );
}

function columns({ organization, whyNotProve }: TableProps): readonly DataColumn<ConnectionView>[] {
  return [
    {
      id: 'name',
      header: 'Project',
      width: '19%',
      slot: 'title',
      cell: (connection) => <Name organization={organization} connection={connection} />,
    },
    {
      id: 'state',
      header: 'State',
      width: 148,
      slot: 'state',
      cell: ({ state }) => <Pill look={connectionLooks[state]} />,
    },
    {
      id: 'said',
      header: 'Last success and error',
      slot: 'line',
      cell: (connection) => <Said connection={connection} />,
    },
    {
      id: 'ways',
      header: 'Alternate and proxy',
      width: '17%',
      drop: 'first',
      cell: (connection) => <Ways connection={connection} />,
    },
    {
      id: 'ends',
      header: 'Ends next',
      width: '15%',
      slot: 'line2',
      cell: (connection) => <Ends connection={connection} />,
    },
    {
      id: 'prove',
      header: 'Prove now',
      hideHeader: true,
      width: 128,
      align: 'end',
      slot: 'end',
      cell: (connection) => (
        <Prove organization={organization} connection={connection} whyNot={whyNotProve} />
      ),
    },
  ];
}

function Name({ organization, connection }: { organization: string; connection: ConnectionView }) {
  const { server, transport } = connection;
  return (
    <>
      <TextLink href={paths.mailSettings(organization, connection.slug)}>{connection.name}</TextLink>
      <small className="truncate">
        {server === null || transport === null ? (
          'no mail settings'
        ) : (
          <>
            {transportWords[transport]}{' '}
            <span className="mono">
              {server.host}:{server.port}
            </span>
          </>
        )}
      </small>
    </>
  );
}

function Said({ connection: { state, lastOkAt, lastError } }: { connection: ConnectionView }) {
  if (state === 'not_set_up') return <span className="zero">–</span>;
  const success =
    lastOkAt === null ? (
      'never worked so far'
    ) : (
      <>
        worked <RelativeTime iso={lastOkAt} />
      </>
    );
  if (lastError === null) return <span className={lastOkAt === null ? 'zero' : undefined}>{success}</span>;
  const words = lastError.reply ?? lastError.code;
  if (state !== 'fails' && state !== 'consent_missing') {
    return (
      <>
        {success}
        <small className="truncate" title={words}>
          failed <RelativeTime iso={lastError.at} />: {lastError.remedy.happened}
        </small>
      </>
    );
  }
  return (
    <>
      <span className="block pt-1.5 whitespace-normal" title={words}>
        {lastError.isAlternate && 'The alternate: '}
        {lastError.remedy.happened}
      </span>
      <small className="pb-1.5 whitespace-normal">
        {lastError.remedy.todo} It {lastOkAt === null ? 'has ' : 'last '}
        {success}.
      </small>
    </>
  );
}

function Ways({ connection: { alternate, proxy } }: { connection: ConnectionView }) {
  if (alternate === null && proxy === null) return <span className="zero">–</span>;
  return (
    <>
      {alternate !== null && (
        <span className="block truncate">
          <span className="mono">{alternate.host}</span>
          {alternate.ok === false && <span className="text-red-text">, fails</span>}
          {alternate.ok === true && ', works'}
        </span>
      )}
      {proxy !== null && (
        <small className="truncate">
          by{' '}
          <span className="mono">
            {proxy.host}:{proxy.port}
          </span>
        </small>
      )}
    </>
  );
}

function Ends({ connection: { ends } }: { connection: ConnectionView }) {
  const [first] = ends;
  if (first === undefined) return <span className="zero">–</span>;
  const all = ends.map((end) => `${endsWords(end).what} ${endsWords(end).when}`).join(', ');
  const { what, when } = endsWords(first);
  return (
    <span className="block" title={all}>
      <span className="block truncate">{what}</span>
      <small className={first.isSoon ? 'text-amber-text' : undefined}>
        {when}
        {ends.length > 1 && `, and ${formatCount(ends.length - 1, 'more', 'more')}`}
      </small>
    </span>
  );
}

function Prove({
  organization,
  connection,
  whyNot,
}: {
  organization: string;
  connection: ConnectionView;
  whyNot: string;
}) {
  if (connection.state === 'not_set_up') return null;
  return (
    <ActionButton
      run={() => proveConnectionAction(organization, { project: connection.slug })}
      pendingLabel="Proving"
      why={!connection.may.prove && whyNot}
    >
      Prove now
    </ActionButton>
  );
}
