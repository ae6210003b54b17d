/**
 * The part of Microsoft's published types (types.xsd, messages.xsd of Exchange 2013 SP1; [MS-OXWSCORE] 2.2.4,
 * [MS-OXWSMSG] 2.2.4, [MS-OXWSSRCH] 3.1.4.2, [MS-OXWSFOLD] 3.1.4) that sending, finding and probing use: which
 * elements, in which order, how often, and which attributes. `t:` are types, `m:` messages.
 */
export interface ElementRule {
  /** Children in their order; absent: none. */
  readonly sequence?: readonly Particle[];
  /** What the text must be; absent: no text. */
  readonly text?: RegExp;
  readonly attributes?: Readonly<Record<string, { readonly value: RegExp; readonly isRequired?: boolean }>>;
}

/** One place of a sequence: any of `choice`, from `min` to `max` times. */
export interface Particle {
  readonly choice: readonly string[];
  readonly min: number;
  readonly max: number;
}

const many = Number.POSITIVE_INFINITY;
const any = /^[\s\S]*$/;
const flag = /^(?:true|false|0|1)$/;
const number = /^-?\d{1,10}$/;
const address = /^[^\s<>,;]+@[^\s<>,;@]+$/;

function one(...choice: readonly string[]): Particle {
  return { choice, min: 1, max: 1 };
}

function maybe(...choice: readonly string[]): Particle {
  return { choice, min: 0, max: 1 };
}

function some(...choice: readonly string[]): Particle {
  return { choice, min: 1, max: many };
}

const folderIds = ['t:FolderId', 't:DistinguishedFolderId'];
const paths = ['t:FieldURI', 't:IndexedFieldURI', 't:ExtendedFieldURI'];
const comparisons = [
  'IsEqualTo',
  'IsNotEqualTo',
  'IsGreaterThan',
  'IsGreaterThanOrEqualTo',
  'IsLessThan',
].map((name) => `t:${name}`);
const expressions = ['t:Exists', 't:Contains', 't:Not', 't:And', 't:Or', ...comparisons];

// ItemType, then what MessageType adds: one long sequence in which only the order is fixed.
const messageFields =
  `MimeContent ItemId ParentFolderId ItemClass Subject Sensitivity Body Attachments DateTimeReceived Size Categories
  Importance InReplyTo IsSubmitted IsDraft IsFromMe IsResend IsUnmodified InternetMessageHeaders DateTimeSent
  DateTimeCreated ResponseObjects ReminderDueBy ReminderIsSet ReminderNextTime ReminderMinutesBeforeStart DisplayCc
  DisplayTo HasAttachments ExtendedProperty* Culture EffectiveRights LastModifiedName LastModifiedTime IsAssociated
  WebClientReadFormQueryString WebClientEditFormQueryString ConversationId UniqueBody Flag StoreEntryId InstanceKey
  NormalizedBody EntityExtractionResult PolicyTag ArchiveTag RetentionDate Preview RightsManagementLicenseData
  NextPredictedAction GroupingAction Sender ToRecipients CcRecipients BccRecipients IsReadReceiptRequested
  IsDeliveryReceiptRequested ConversationIndex ConversationTopic From InternetMessageId IsRead IsResponseRequested
  References ReplyTo ReceivedBy ReceivedRepresenting ApprovalRequestData VotingInformation ReminderMessageData`
    .split(/\s+/)
    .map((name): Particle => {
      const bare = `t:${name.replace('*', '')}`;
      return name.endsWith('*') ? { choice: [bare], min: 0, max: many } : maybe(bare);
    });

const recipients: ElementRule = { sequence: [{ choice: ['t:Mailbox'], min: 0, max: many }] };
const comparison: ElementRule = { sequence: [one(...paths), one('t:FieldURIOrConstant')] };
const operands: ElementRule = { sequence: [{ choice: expressions, min: 1, max: many }] };
const responseShape: ElementRule = {
  sequence: [
    one('t:BaseShape'),
    maybe('t:IncludeMimeContent'),
    maybe('t:BodyType'),
    maybe('t:AdditionalProperties'),
  ],
};

/** By qualified name; an element without a rule is not taken. */
export const elementRules: Readonly<Record<string, ElementRule>> = {
  'm:CreateItem': {
    sequence: [maybe('m:SavedItemFolderId'), one('m:Items')],
    attributes: {
      MessageDisposition: { value: /^(?:SaveOnly|SendOnly|SendAndSaveCopy)$/ },
      SendMeetingInvitations: { value: /^(?:SendToNone|SendOnlyToAll|SendToAllAndSaveCopy)$/ },
    },
  },
  'm:SavedItemFolderId': { sequence: [one(...folderIds, 't:AddressListId')] },
  'm:Items': { sequence: [some('t:Message')] },
  't:Message': { sequence: messageFields },
  't:MimeContent': { text: any, attributes: { CharacterSet: { value: any } } },
  't:ExtendedProperty': { sequence: [one('t:ExtendedFieldURI'), one('t:Value', 't:Values')] },
  't:ExtendedFieldURI': {
    attributes: {
      DistinguishedPropertySetId: {
        value:
          /^(?:Meeting|Appointment|Common|PublicStrings|Address|InternetHeaders|CalendarAssistant|UnifiedMessaging|Task|Sharing)$/,
      },
      PropertySetId: { value: /^[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}$/ },
      PropertyTag: { value: /^(?:0x[0-9A-Fa-f]{1,4}|\d{1,5})$/ },
      PropertyName: { value: any },
      PropertyId: { value: number },
      PropertyType: {
        value:
          /^(?:ApplicationTime|Binary|Boolean|CLSID|Currency|Double|Float|Integer|Long|Short|String|SystemTime)(?:Array)?$/,
        isRequired: true,
      },
    },
  },
  't:Value': { text: any },
  't:Subject': { text: any },
  't:ToRecipients': recipients,
  't:CcRecipients': recipients,
  't:BccRecipients': recipients,
  't:Mailbox': {
    sequence: ['Name', 'EmailAddress', 'RoutingType', 'MailboxType'].map((name) => maybe(`t:${name}`)),
  },
  't:Name': { text: any },
  't:EmailAddress': { text: address },
  't:RoutingType': { text: any },
  't:MailboxType': {
    text: /^(?:Mailbox|PublicDL|PrivateDL|Contact|PublicFolder|Unknown|OneOff|GroupMailbox)$/,
  },
  't:DistinguishedFolderId': {
    sequence: [maybe('t:Mailbox')],
    attributes: {
      Id: {
        value:
          /^(?:calendar|contacts|deleteditems|drafts|inbox|journal|notes|outbox|sentitems|tasks|msgfolderroot|root|junkemail)$/,
        isRequired: true,
      },
      ChangeKey: { value: any },
    },
  },
  'm:FindItem': {
    sequence: [
      one('m:ItemShape'),
      maybe('m:IndexedPageItemView', 'm:FractionalPageItemView', 'm:CalendarView', 'm:ContactsView'),
      maybe('m:GroupBy', 'm:DistinguishedGroupBy'),
      maybe('m:Restriction'),
      maybe('m:SortOrder'),
      one('m:ParentFolderIds'),
      maybe('m:QueryString'),
    ],
    attributes: { Traversal: { value: /^(?:Shallow|SoftDeleted|Associated)$/, isRequired: true } },
  },
  'm:ItemShape': responseShape,
  'm:FolderShape': { sequence: [one('t:BaseShape'), maybe('t:AdditionalProperties')] },
  't:BaseShape': { text: /^(?:IdOnly|Default|AllProperties)$/ },
  't:IncludeMimeContent': { text: flag },
  'm:IndexedPageItemView': {
    attributes: {
      MaxEntriesReturned: { value: /^[1-9]\d{0,8}$/ },
      Offset: { value: number, isRequired: true },
      BasePoint: { value: /^(?:Beginning|End)$/, isRequired: true },
    },
  },
  'm:Restriction': { sequence: [one(...expressions)] },
  't:Or': operands,
  't:And': operands,
  't:Not': { sequence: [one(...expressions)] },
  ...Object.fromEntries(comparisons.map((name) => [name, comparison])),
  't:FieldURI': {
    attributes: { FieldURI: { value: /^(?:message|item|folder):[A-Za-z]+$/, isRequired: true } },
  },
  't:FieldURIOrConstant': { sequence: [one(...paths, 't:Constant')] },
  't:Constant': { attributes: { Value: { value: any, isRequired: true } } },
  'm:ParentFolderIds': { sequence: [some(...folderIds)] },
  'm:GetFolder': { sequence: [one('m:FolderShape'), one('m:FolderIds')] },
  'm:FolderIds': { sequence: [some(...folderIds)] },
  't:RequestServerVersion': {
    attributes: {
      Version: {
        value:
          /^(?:Exchange2007|Exchange2007_SP1|Exchange2009|Exchange2010|Exchange2010_SP1|Exchange2010_SP2|Exchange2013|Exchange2013_SP1|Exchange2015|Exchange2016|V\d{4}_\d\d_\d\d)$/,
        isRequired: true,
      },
    },
  },
  't:ExchangeImpersonation': { sequence: [one('t:ConnectingSID')] },
  't:ConnectingSID': { sequence: [one('t:PrincipalName', 't:SID', 't:PrimarySmtpAddress', 't:SmtpAddress')] },
  't:PrincipalName': { text: any },
  't:SID': { text: any },
  't:PrimarySmtpAddress': { text: address },
  't:SmtpAddress': { text: address },
};
