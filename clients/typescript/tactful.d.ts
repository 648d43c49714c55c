// The shapes and operations of the API. Made by clients/generate.py; do not edit.
// New keys and new values may come with any version of the service.

export interface ActOut {
  object: "reply";
  id: string;
  message_id: string;
  case_id: string;
  turn: number;
  suggestion_id: string | null;
  channel: string;
  text: string;
  typed: string;
  answer_id: string | null;
  purpose: Purpose;
  visibility: Visibility;
  is_rehearsal: boolean;
  stage: ReplyStage;
  play: string | null;
  is_edited: boolean;
  approved_by: string;
  approved_at: string;
  needs_second: boolean;
  second_by: string | null;
  not_before: string;
  attempt: number;
  sent_at: string | null;
  receipt: string | null;
  problem: string | null;
  pointer: ReplyOut | null;
}

export type Action = "answer_public" | "answer_private" | "take_offline" | "deflect" | "phone_or_email" | "ignore" | "escalate";

export interface AddendOut {
  name: string;
  points: number;
}

export interface AgreementOut {
  question: string;
  n: number;
  share: number;
  kappa: number | null;
  is_enough: boolean;
}

export type Answer = "yes" | "no" | "not_here";

export interface AnswerIn {
  text: string;
  promise?: string | null;
  is_no_promise?: boolean;
  turn?: number | null;
  key?: string | null;
  pointer?: string | null;
}

export interface AnswerTextIn {
  text: string;
}

export interface ApproveIn {
  text: string;
  draft?: number;
  labels?: Record<string, string>;
  promise?: string | null;
  is_no_promise?: boolean;
  pointer?: string | null;
}

export interface ArrivalsOut {
  mean: number;
  low: number;
  high: number;
}

export interface AssignIn {
  to: string | null;
}

export interface AttachmentOut {
  id: string;
  name: string | null;
  media_type: string;
  size: number | null;
  alt: string | null;
  is_kept: boolean;
  problem: string | null;
}

export interface AttemptOut {
  at: string;
  status: number | null;
  took_ms: number;
  problem: string;
}

export interface AuthorIn {
  handle: string;
  name?: string | null;
  followers?: number | null;
}

export interface AuthorOut {
  handle: string;
  name: string | null;
  followers: number | null;
}

export interface AwayIn {
  until: string | null;
}

export type Band = "high" | "medium" | "low";

export type BulkAct = "assign" | "team" | "resolve" | "dismiss" | "label" | "snooze";

export interface BulkCaseIn {
  id: string;
  turn?: number | null;
}

export interface BulkIn {
  act: BulkAct;
  cases: Array<BulkCaseIn>;
  to?: string | null;
  labels?: Record<string, string>;
  until?: string | null;
}

export interface BulkOut {
  object: "bulk";
  act: BulkAct;
  done: Array<string>;
  skipped: Array<SkippedOut>;
  undo: number | null;
}

export type By = "day" | "week" | "channel" | "team" | "intent" | "language" | "agent";

export interface CandidateOut {
  label: string;
  score: number;
}

export interface CaseListOut {
  object: "list";
  data: Array<CaseOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface CaseOut {
  object: "case";
  id: string;
  channel: string;
  thread_id: string;
  customer: string;
  customer_id: string | null;
  state: CaseState;
  turn: number;
  due_at: string | null;
  until: string | null;
  snoozed_until: string | null;
  assigned_to: string | null;
  assigned_why: string;
  opened_at: string;
  reopened_at: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
  resolution: Resolution | null;
  source: Source;
  message: ReadMessageOut;
  others_in_thread: Array<string>;
  thread: Array<TurnOut>;
  replies: Array<ReplyOut>;
  promises: Array<PromiseOut>;
  handovers: Array<HandOverOut>;
  notes: Array<NoteOut>;
  offline: OfflineTaskOut | null;
  satisfaction: SatisfactionOut | null;
  snooze: SnoozeOut | null;
}

export type CaseState = "new" | "open" | "waiting_for_customer" | "promised" | "handed_over" | "offline" | "resolved";

export interface CaseSummaryListOut {
  object: "list";
  data: Array<CaseSummaryOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface CaseSummaryOut {
  object: "case";
  id: string;
  channel: string;
  thread_id: string;
  customer: string;
  customer_id: string | null;
  state: CaseState;
  turn: number;
  due_at: string | null;
  until: string | null;
  snoozed_until: string | null;
  assigned_to: string | null;
  assigned_why: string;
  opened_at: string;
  reopened_at: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
  resolution: Resolution | null;
  source: Source;
}

export interface CertifiedOut {
  precision: number;
  coverage: number;
  lower_bound: number;
}

export interface ChangeOut {
  before: string;
  after: string;
}

export interface ClassificationOut {
  model: ModelOut;
  language: LanguageOut;
  risk: Array<RiskOut>;
  sensitive: RedactionOut;
  entities: Array<EntityOut>;
  redacted_text: string;
  object: "classification";
  intent?: JudgementOut;
  sentiment?: JudgementOut;
  urgency?: JudgementOut;
  act?: JudgementOut;
  stance?: JudgementOut;
  addressed?: JudgementOut;
  [more: string]: unknown;
}

export interface ClassifiedListOut {
  object: "list";
  data: Array<ClassifiedOut | ItemErrorOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface ClassifiedOut {
  model: ModelOut;
  language: LanguageOut;
  risk: Array<RiskOut>;
  sensitive: RedactionOut;
  entities: Array<EntityOut>;
  redacted_text: string;
  object: "classification";
  id: string;
  created: string;
  input_id?: string | null;
  intent?: JudgementOut;
  sentiment?: JudgementOut;
  urgency?: JudgementOut;
  act?: JudgementOut;
  stance?: JudgementOut;
  addressed?: JudgementOut;
  [more: string]: unknown;
}

export interface ClassifyIn {
  text?: string | null;
  subject?: string | null;
  inputs?: Array<ClassifyItem> | null;
  tasks?: Array<string> | null;
  options?: ClassifyOptions;
}

export interface ClassifyItem {
  id?: string | null;
  text: string;
  subject?: string | null;
}

export interface ClassifyOptions {
  top_k?: number;
  explain?: boolean;
  precision?: number | Record<string, number> | null;
}

export interface ClimbedOut {
  step: string;
  contact: string;
  at: string;
  notice: NoticeOut | null;
}

export type Clock = "late" | "soon" | "later" | "none" | "snoozed";

export interface ClosingIn {
  text: string;
  promise?: string | null;
  is_no_promise?: boolean;
  turn?: number | null;
  key?: string | null;
}

export interface CorrectionOut {
  task: string;
  label: string;
}

export interface CoverageOut {
  n: number;
  share: number | null;
}

export interface CrisisIn {
  name: string;
  reason: string;
  intents?: Array<string>;
  phrases?: Array<string>;
  channels?: Array<string>;
  statement: StatementIn;
  is_drill?: boolean;
}

export interface CrisisLineOut {
  step: CrisisStep;
  by: string;
  at: string;
  statement: StatementOut | null;
}

export interface CrisisOut {
  object: "crisis";
  id: string;
  name: string;
  reason: string;
  is_on: boolean;
  is_drill: boolean;
  intents: Array<string>;
  phrases: Array<string>;
  channels: Array<string>;
  statement: StatementOut;
  began_by: string;
  began_at: string;
  ended_by: string | null;
  ended_at: string | null;
  log: Array<CrisisLineOut>;
  n_matched: number;
  n_answered: number;
}

export interface CrisisStandingOut {
  object: "crisis_standing";
  on: CrisisOut | null;
  past: Array<CrisisOut>;
}

export type CrisisStep = "began" | "changed" | "ended";

export interface CustomerDataOut {
  object: "customer_data";
  id: string;
  data: Record<string, unknown>;
}

export interface CustomerOut {
  object: "customer";
  id: string;
  name: string | null;
  created_at: string;
  identities: Array<IdentityOut>;
  moves: Array<IdentityMoveOut>;
}

export interface DecisionIn {
  reason: string;
  action?: Action | null;
  team?: string | null;
}

export interface DecisionOut {
  action: Action;
  team: string;
  kind: string;
  priority: PriorityOut;
  due_at: string;
  promised_at: string;
  reasons: Array<string>;
}

export type DeliveryState = "waiting" | "claimed" | "delivered" | "failed";

export interface DraftIn {
  text: string;
  subject?: string | null;
  channel?: string;
  name?: string | null;
  thread?: Array<SaidIn>;
}

export interface DraftOut {
  play: string;
  title: string;
  text: string;
  private_text: string | null;
  missing: Array<string>;
  tone: ToneOut;
  score: number;
  offline: boolean;
  promised_at: string | null;
  handed_to: string | null;
  sources: Array<SourceOut>;
  lacks: Array<LackOut>;
}

export interface DurationOut {
  n: number;
  p50_s: number | null;
  p90_s: number | null;
}

export interface EndpointChangeIn {
  url?: string | null;
  types?: Array<EventType> | null;
  format?: EndpointFormat | null;
  has_objects?: boolean | null;
  owner?: string | null;
  is_on?: boolean | null;
}

export type EndpointFormat = "webhook" | "cloudevents";

export interface EndpointIn {
  url: string;
  types?: Array<EventType>;
  format?: EndpointFormat;
  has_objects?: boolean;
  owner?: string;
}

export interface EndpointOut {
  object: "webhook";
  id: string;
  url: string;
  types: Array<EventType>;
  format: EndpointFormat;
  has_objects: boolean;
  owner: string;
  is_on: boolean;
  off_since: string | null;
  off_why: string;
  failing_since: string | null;
  rotated_at: string | null;
  created_by: string;
  created_at: string;
}

export interface EndpointSecretsOut {
  object: "webhook_secrets";
  id: string;
  secrets: Array<string>;
}

export interface EntityOut {
  start: number;
  end: number;
  kind: string;
  value: string;
}

export interface EstimateOut {
  value: number;
  low: number;
  high: number;
  n: number;
}

export interface EventDataOut {
  case_id?: string | null;
  message_id?: string | null;
  suggestion_id?: string | null;
  reply_id?: string | null;
  promise_id?: string | null;
  channel?: string | null;
  bundle?: string | null;
  was?: string | null;
  intent?: string | null;
  intent_score?: number | null;
  sentiment?: string | null;
  sentiment_score?: number | null;
  urgency?: string | null;
  urgency_score?: number | null;
  play?: string | null;
  outcome?: string | null;
  reason?: string | null;
  attempt?: number | null;
  is_rehearsal?: boolean | null;
  until?: string | null;
  turn?: number | null;
  step?: string | null;
  team?: string | null;
  contact?: string | null;
  by?: string | null;
  surge_id?: string | null;
  kind?: string | null;
  n?: number | null;
  usual?: number | null;
  tasks?: string | null;
  days?: number | null;
  crisis_id?: string | null;
  n_matched?: number | null;
  n_answered?: number | null;
  is_sample?: boolean | null;
  message?: MessageOut | null;
  suggestion?: SuggestionOut | null;
  reply?: ReplyOut | null;
  case?: CaseSummaryOut | null;
}

export interface EventDeliveryOut {
  object: "delivery";
  id: string;
  webhook_id: string;
  event_id: string;
  event: string;
  state: DeliveryState;
  attempts: Array<AttemptOut>;
  problem: string | null;
  not_before: string | null;
  created_at: string;
}

export interface EventListOut {
  object: "list";
  data: Array<EventOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface EventOut {
  object: "event";
  number: number;
  event: string;
  subject_id: string;
  case_id: string | null;
  by: string;
  at: string;
  facts: Record<string, unknown>;
}

export type EventType = "message.received" | "message.classified" | "suggestion.ready" | "suggestion.decided" | "reply.sent" | "reply.failed" | "case.promised" | "case.resolved" | "case.climbed" | "model.promoted" | "model.drifted" | "surge.began" | "surge.ended" | "crisis.began" | "crisis.changed" | "crisis.ended";

export interface EvidenceOut {
  start: number;
  end: number;
  weight: number;
}

export interface FiltersIn {
  channel?: string | null;
  intent?: string | null;
  sentiment?: string | null;
  urgency?: string | null;
  team?: string | null;
  tier?: string | null;
  language?: string | null;
  assignee?: string | null;
  clock?: Clock | null;
  search?: string | null;
}

export type FindingKind = "missing" | "contradicts";

export interface FindingOut {
  start: number;
  end: number;
  rule: string;
  message: string;
  fix: string | null;
}

export interface ForgottenOut {
  object: "forgotten";
  cases: number;
  removed: Record<string, number>;
  bundles: Array<string>;
  proofs: Array<string>;
}

export interface GapOut {
  slot: string;
  about: string | null;
  messages: number;
  last_at: string;
  cases: Array<string>;
}

export interface GapsOut {
  object: "list";
  data: Array<GapOut>;
}

export interface GoalOut {
  goal: string;
  target: number;
  of: number;
  reached: boolean | null;
  cases: number;
  measured: number | null;
}

export interface HandOverIn {
  to: string;
  reason?: string;
}

export interface HandOverOut {
  object: "handover";
  id: string;
  case_id: string;
  message_id: string;
  to: string;
  contact: string;
  state: HandOverState;
  is_open: boolean;
  reason: string;
  opened_by: string;
  opened_at: string;
  until: string;
  answered_at: string | null;
  changed_by: string | null;
  changed_at: string | null;
}

export type HandOverState = "open" | "taken" | "answered" | "called_back" | "lapsed";

export interface HandedInOut {
  object: "message";
  id: string | null;
  is_new: boolean;
}

export interface HandleTimeOut {
  mean_s: number;
  n_measured: number;
}

export type Handling = "allow" | "mask" | "offline" | "withheld";

export interface IdentityMoveOut {
  object: "identity_move";
  id: string;
  channel: string;
  handle: string;
  from_customer: string;
  to_customer: string;
  evidence: string;
  by: string;
  at: string;
  undone_by: string | null;
  undone_at: string | null;
}

export interface IdentityOut {
  channel: string;
  handle: string;
}

export interface InferenceIn {
  id?: string | null;
  inputs: Array<TensorIn>;
}

export interface InferenceOut {
  model_name: string;
  model_version: string;
  id: string;
  outputs: Array<TensorOut>;
}

export interface ItemErrorOut {
  object: "error";
  input_id: string | null;
  error: ItemProblemOut;
}

export interface ItemProblemOut {
  code: string;
  detail: string;
  errors: Array<PlaceOut>;
}

export interface JoinIn {
  channel: string;
  handle: string;
  evidence: string;
}

export interface JudgementOut {
  label: string;
  score: number;
  confidence: Band;
  abstained: boolean;
  candidates: Array<CandidateOut>;
  reasons?: Array<string> | null;
  promise?: CertifiedOut | null;
  evidence?: Array<EvidenceOut> | null;
  neighbours?: Array<NeighbourOut> | null;
}

export interface LabelIn {
  inputs: string | Array<string>;
  parameters?: LabelOptions | null;
}

export interface LabelOptions {
  top_k?: number | null;
  function_to_apply?: "sigmoid" | "softmax" | "none" | null;
}

export interface LabelOut {
  label: string;
  score: number;
}

export type LabelsOut = Array<Array<LabelOut>>;

export interface LackOut {
  slot: string;
  about: string | null;
}

export interface LanguageOut {
  label: string;
  score: number;
}

export interface ListOut_EndpointOut_ {
  object: "list";
  data: Array<EndpointOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface ListOut_EventDeliveryOut_ {
  object: "list";
  data: Array<EventDeliveryOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface LiveOut {
  status: "ok";
}

export interface MaskedSpanOut {
  start: number;
  end: number;
  category: string;
  score: number;
  handling: Handling;
  replacement: string | null;
}

export interface MessageIn {
  id: string;
  thread?: string | null;
  author: AuthorIn;
  text: string;
  visibility?: "public" | "private";
  written_at?: string | null;
  in_reply_to?: string | null;
}

export interface MessageListOut {
  object: "list";
  data: Array<MessageOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface MessageOut {
  object: "message";
  id: string;
  channel: string;
  outside_id: string;
  thread_id: string;
  case_id: string;
  turn: number;
  author: AuthorOut;
  subject: string | null;
  text: string;
  visibility: Visibility;
  written_at: string;
  received_at: string;
  automatic: string | null;
  attachments: Array<AttachmentOut>;
  sensitive: SensitiveOut;
}

export interface ModelMetadataOut {
  name: string;
  versions: Array<string>;
  platform: "tactful";
  inputs: Array<TensorMetadataOut>;
  outputs: Array<TensorMetadataOut>;
  labels: Array<string>;
}

export interface ModelOut {
  name: string;
  bundles: Record<string, string>;
}

export interface ModelReadyOut {
  name: string;
  ready: boolean;
}

export interface ModerationOut {
  flagged: boolean;
  categories: Record<string, boolean>;
  category_scores: Record<string, number>;
  category_applied_input_types: Record<string, Array<"text">>;
  unjudged: Array<string>;
}

export interface ModerationsIn {
  input: string | Array<string> | Array<TextPart>;
}

export interface ModerationsOut {
  id: string;
  model: string;
  results: Array<ModerationOut>;
}

export interface NeededOut {
  desk: number;
  rostered: number;
  desk_c: number;
  desk_a: number | null;
  share: number;
  one_less: number;
  one_more: number;
  occupancy: number;
}

export interface NeighbourOut {
  text: string;
  label: string;
  similarity: number;
}

export interface NoteIn {
  text: string;
}

export type NoteKind = "note" | "rejection" | "hand_over" | "answer" | "feedback";

export interface NoteOut {
  object: "note";
  id: string;
  case_id: string;
  kind: NoteKind;
  text: string;
  by: string;
  at: string;
  mentions: Array<string>;
}

export type NoticeKind = "climb" | "hand_over" | "mention" | "endpoint_off" | "surge" | "crisis";

export interface NoticeOut {
  object: "notice";
  id: string;
  message_id: string;
  case_id: string;
  kind: NoticeKind;
  step: string;
  contact: string;
  state: NoticeState;
  answer_by: string;
  sent_at: string | null;
  problem: string | null;
}

export type NoticeState = "waiting" | "claimed" | "sent" | "failed";

export interface OfflineIn {
  state: OfflineState;
  waiver?: string | null;
}

export type OfflineState = "open" | "contacted" | "closed" | "waived";

export interface OfflineTaskOut {
  object: "offline_task";
  id: string;
  thread_id: string;
  case_id: string;
  message_id: string;
  categories: Array<string>;
  state: OfflineState;
  is_open: boolean;
  owner: string | null;
  due_at: string;
  created_at: string;
  changed_by: string | null;
  changed_at: string | null;
  waiver: string | null;
}

export interface PersonListOut {
  object: "list";
  data: Array<PersonOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface PersonOut {
  object: "person";
  id: string;
  name: string;
  role: Role;
  signs_as: string;
  is_active: boolean;
  is_checked: boolean;
  away_until: string | null;
}

export interface PickOut {
  reply_id: string;
  case_id: string;
  author: string;
  week: string;
  why: string;
  is_twice: boolean;
}

export interface PlaceOut {
  pointer: string;
  detail: string;
}

export interface PlanFindingOut {
  kind: FindingKind;
  what: string;
  where: string;
  fix: string;
}

export interface PlanLineOut {
  says: string;
  where: string;
}

export interface PlanOut {
  object: "plan";
  made_at: string;
  playbook_version: string;
  from: string;
  to: string;
  n_findings: number;
  rows: Array<PlanRowOut>;
}

export interface PlanRowOut {
  key: string;
  asks: string;
  lines: Array<PlanLineOut>;
  findings: Array<PlanFindingOut>;
}

export interface PlayCountOut {
  play: string;
  shown: number;
  accepted: number;
  edited: number;
  rejected: number;
  edits: Record<string, number>;
  kept: number;
}

export interface PlayFlagOut {
  play: string;
  kind: "rejected" | "rewritten";
  what: string;
  owner: string;
  change: ChangeOut | null;
}

export interface PlayListOut {
  object: "list";
  data: Array<PlayOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface PlayOut {
  object: "play";
  id: string;
  reference: string;
  title: string;
  file: string;
  approach: string;
  tone: string;
  owner: string;
  version: number;
  intents: Array<string>;
  actions: Array<string>;
  needs: Array<string>;
  offline: boolean;
  wordings: Array<WordingOut>;
  examples: Array<string>;
  matters: Array<string>;
  signed: Array<SignOffOut>;
  withheld: string;
}

export interface PlayScoreOut {
  play: string;
  score: number;
  parts: Record<string, number>;
}

export interface PlayStatsOut {
  object: "play_stats";
  data: Array<PlayCountOut>;
  flags: Array<PlayFlagOut>;
  goals: Array<GoalOut>;
}

export interface PriorityOut {
  total: number;
  addends: Array<AddendOut>;
}

export interface ProblemOut {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: "already_decided" | "bad_cursor" | "bad_origin" | "bad_payload" | "channel_busy" | "channel_failed" | "conflict" | "forbidden_scope" | "idempotency_in_progress" | "idempotency_mismatch" | "internal_error" | "invalid_encoding" | "invalid_json" | "invalid_request" | "key_in_url" | "method_not_allowed" | "model_unavailable" | "needs_person" | "not_found" | "overloaded" | "payload_too_large" | "precondition_required" | "rate_limited" | "reply_blocked" | "sensitive_blocked" | "stale_version" | "unauthenticated" | "unavailable" | "unsupported_media_type" | "validation_failed" | "wrong_host";
  request_id: string;
  errors?: Array<PlaceOut> | null;
  state?: string | null;
  decided_by?: string | null;
  by?: string | null;
}

export interface PromiseOut {
  object: "promise";
  id: string;
  reply_id: string;
  until: string;
  state: PromiseState;
  made_by: string;
  made_at: string;
  ended_at: string | null;
}

export type PromiseState = "open" | "kept" | "broken" | "moved" | "withdrawn";

export interface ProposalOut {
  model: ModelOut;
  language: LanguageOut;
  risk: Array<RiskOut>;
  sensitive: RedactionOut;
  entities: Array<EntityOut>;
  redacted_text: string;
  object: "proposal";
  id: string;
  channel: string;
  decision: DecisionOut;
  suggestions: Array<DraftOut>;
  asks: string | null;
  playbook: string;
  explain?: Array<PlayScoreOut> | null;
  intent?: JudgementOut;
  sentiment?: JudgementOut;
  urgency?: JudgementOut;
  act?: JudgementOut;
  stance?: JudgementOut;
  addressed?: JudgementOut;
  [more: string]: unknown;
}

export interface PublicEventListOut {
  object: "list";
  data: Array<PublicEventOut>;
  has_more: boolean;
  next_cursor: string;
}

export interface PublicEventOut {
  object: "event";
  id: string;
  type: EventType;
  timestamp: string;
  data: EventDataOut;
}

export type Purpose = "answer" | "closing" | "pointer" | "satisfaction";

export interface QualityOut {
  object: "quality";
  week: string;
  n_picked: number;
  n_read: number;
  questions: Array<QuestionOut>;
  to_read: Array<PickOut>;
  people: Array<SharesOut>;
  agreement: Array<AgreementOut>;
}

export interface QuestionOut {
  id: string;
  ask: string;
}

export interface ReadMessageOut {
  object: "message";
  id: string;
  channel: string;
  outside_id: string;
  thread_id: string;
  case_id: string;
  turn: number;
  author: AuthorOut;
  subject: string | null;
  text: string;
  visibility: Visibility;
  written_at: string;
  received_at: string;
  automatic: string | null;
  attachments: Array<AttachmentOut>;
  sensitive: SensitiveOut;
  work: "preparing" | "open" | "decided" | "parked";
  problem: string | null;
  classification: ClassificationOut | null;
  suggestion: SuggestionOut | null;
  decision: DecisionOut | null;
  corrections: Array<CorrectionOut>;
  climbed: Array<ClimbedOut>;
}

export interface ReadyOut {
  status: "ok" | "degraded" | "not ready";
  checks: Record<string, string>;
}

export interface ReceiptsOut {
  object: "receipt";
  accepted: number;
  quarantined: Array<UnreadOut>;
}

export interface RedactionOut {
  flagged: boolean;
  action: Handling;
  spans: Array<MaskedSpanOut>;
  categories: Record<string, true>;
  category_scores: Record<string, number>;
}

export interface RejectIn {
  reason: RejectReason;
  note?: string | null;
  labels?: Record<string, string>;
}

export type RejectReason = "wrong_intent" | "wrong_tone" | "missing_facts" | "policy" | "other";

export interface RelabelIn {
  labels: Record<string, string>;
}

export interface ReplyListOut {
  object: "list";
  data: Array<ReplyOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface ReplyOut {
  object: "reply";
  id: string;
  message_id: string;
  case_id: string;
  turn: number;
  suggestion_id: string | null;
  channel: string;
  text: string;
  typed: string;
  answer_id: string | null;
  purpose: Purpose;
  visibility: Visibility;
  is_rehearsal: boolean;
  stage: ReplyStage;
  play: string | null;
  is_edited: boolean;
  approved_by: string;
  approved_at: string;
  needs_second: boolean;
  second_by: string | null;
  not_before: string;
  attempt: number;
  sent_at: string | null;
  receipt: string | null;
  problem: string | null;
}

export type ReplyStage = "pending" | "held" | "claimed" | "inflight" | "sent" | "delivered" | "failed" | "unknown" | "withdrawn";

export interface ReportCasesOut {
  object: "list";
  data: Array<string>;
}

export interface ReportLineOut {
  key: string;
  figures: Record<string, number>;
  shares: Record<string, number | null>;
  durations: Record<string, DurationOut>;
  satisfaction: number | null;
}

export interface ReportOut {
  object: "report";
  from: string;
  to: string;
  zone: string;
  by: By;
  lines: Array<ReportLineOut>;
  total: ReportLineOut;
  figures: Record<string, string>;
}

export interface ResentOut {
  object: "resent";
  ids: Array<string>;
}

export type Resolution = "solved" | "dismissed" | "ignored" | "imported" | "archived";

export interface ResolveIn {
  ask?: boolean;
}

export interface ReviewIn {
  answers: Record<string, Answer>;
  note?: string;
}

export interface ReviewOut {
  object: "review";
  reply_id: string;
  case_id: string;
  reader: string;
  answers: Record<string, Answer>;
  note: string;
  at: string;
}

export interface RiskOut {
  kind: string;
  score: number;
  spans: Array<SpanOut>;
}

export type Role = "agent" | "supervisor" | "admin";

export interface SaidIn {
  text: string;
  from_us?: boolean;
}

export interface SatisfactionOut {
  asked_at: string;
  score: number | null;
}

export interface SavedViewListOut {
  object: "list";
  data: Array<SavedViewOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface SavedViewOut {
  object: "view";
  id: string;
  name: string;
  view: View;
  filters: Record<string, string>;
  for_all: boolean;
  made_by: string;
  made_at: string;
  cases: number;
}

export interface SensitiveOut {
  flagged: boolean;
  action: Handling;
  spans: Array<SensitiveSpanOut>;
}

export interface SensitiveSpanOut {
  start: number;
  end: number;
  category: string;
  score: number;
  handling: Handling;
}

export interface ServerLiveOut {
  live: boolean;
}

export interface ServerMetadataOut {
  name: "tactful";
  version: string;
  extensions: Array<string>;
}

export interface ServerReadyOut {
  ready: boolean;
}

export interface SessionOut {
  object: "session";
  csrf: string;
  person: SignedInOut;
}

export interface SharesOut {
  author: string;
  n_read: number;
  by_question: Record<string, unknown[]>;
}

export interface SignInIn {
  email: string;
  password: string;
}

export interface SignOffOut {
  for: string;
  by: string;
  on: string;
}

export interface SignatureIn {
  signs_as: string;
}

export interface SignedInOut {
  id: string;
  name: string;
  role: Role;
}

export interface SkippedOut {
  case_id: string;
  detail: string;
  by: string | null;
}

export interface SlotOut {
  start: string;
  arrivals: ArrivalsOut;
  work: number;
  needed: NeededOut | null;
}

export interface SnoozeIn {
  until: string;
}

export interface SnoozeOut {
  until: string;
  by: string;
  at: string;
}

export type Source = "live" | "demo" | "import";

export interface SourceOut {
  place: string;
  title: string;
  quote: string;
  score: number;
  slot: string | null;
  link: string | null;
  owner: string | null;
  internal: boolean;
}

export interface SpanOut {
  start: number;
  end: number;
}

export interface StaffedDayOut {
  day: string;
  arrivals: number;
  peak: number;
  desk_h: number;
  rostered_h: number;
}

export interface StaffingOut {
  object: "staffing";
  team: string;
  channel: string;
  zone: string;
  share: number;
  within_s: number;
  n_weeks: number;
  problem: string;
  handle: HandleTimeOut | null;
  coverage: CoverageOut;
  days: Array<StaffedDayOut>;
  slots: Array<SlotOut>;
}

export interface StandingOut {
  goal: string;
  target: number;
  unit: string;
  at_most: boolean;
  owner: string;
  now: EstimateOut | null;
  baseline: EstimateOut | null;
  since: string;
  reached: boolean | null;
  better: boolean | null;
}

export interface StandingsOut {
  object: "list";
  data: Array<StandingOut>;
}

export interface StatementIn {
  public_text: string;
  private_text: string;
  approved_by: string;
}

export interface StatementOut {
  public_text: string;
  private_text: string;
  approved_by: string;
}

export interface SuggestionListOut {
  object: "list";
  data: Array<SuggestionOut>;
  next_cursor: string | null;
  has_more: boolean;
}

export interface SuggestionOut {
  object: "suggestion";
  id: string;
  message_id: string;
  case_id: string;
  turn: number;
  state: SuggestionState;
  version: number;
  decision: DecisionOut;
  drafts: Array<DraftOut>;
  asks: string | null;
  playbook: string;
  created_at: string;
  decided_by: string | null;
  decided_at: string | null;
  reject_reason: RejectReason | null;
}

export type SuggestionState = "proposed" | "approved" | "rejected" | "superseded" | "dismissed";

export interface TakenBackOut {
  object: "taken_back";
  left: Array<string>;
}

export interface TakenOut {
  object: "receipt";
  ids: Array<string>;
  accepted: number;
  known: number;
  changed: Array<string>;
  quarantined: Array<UnreadOut>;
}

export interface TensorIn {
  name: string;
  shape: Array<number>;
  datatype: "BYTES";
  data: Array<string>;
}

export interface TensorMetadataOut {
  name: string;
  datatype: "BYTES" | "FP32";
  shape: Array<number>;
}

export interface TensorOut {
  name: string;
  shape: Array<number>;
  datatype: "BYTES" | "FP32";
  data: Array<string> | Array<number>;
}

export interface TextPart {
  type: "text";
  text: string;
}

export interface ToneCheckOut {
  verdict: Verdict;
  score: number;
  findings: Array<FindingOut>;
  object: "tone";
}

export interface ToneIn {
  text: string;
  channel?: string;
}

export interface ToneOut {
  verdict: Verdict;
  score: number;
  findings: Array<FindingOut>;
}

export interface TrainingIn {
  kind: "retrain" | "compare" | "promote" | "rollback";
  data?: string;
  job?: string;
  encoder?: "minilm" | "none";
  after?: string;
  reason?: string;
}

export interface TrainingJobOut {
  object: "training_job";
  id: string;
  kind: "retrain" | "compare" | "promote" | "rollback";
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  data: string;
  job: string;
  encoder: string;
  by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  exit_code: number | null;
  has_bundle: boolean;
  has_suspects: boolean;
  log: Array<string>;
}

export interface TrainingJobsOut {
  object: "training_jobs";
  current: string;
  datasets: Array<string>;
  jobs: Array<TrainingJobOut>;
}

export interface TriggerIn {
  type: EventType;
}

export interface TurnOut {
  object: "turn";
  id: string;
  by: "customer" | "us";
  customer: string | null;
  author: string | null;
  at: string;
  subject: string | null;
  text: string;
  visibility: Visibility | null;
  automatic: string | null;
  attachments: Array<AttachmentOut>;
}

export interface UnreadOut {
  id: string;
  position: number;
  problem: string;
}

export type Verdict = "send" | "warn" | "stop";

export type View = "now_due" | "offline" | "waiting" | "mine" | "all";

export interface ViewIn {
  name: string;
  view?: View;
  filters?: FiltersIn;
  for_all?: boolean;
}

export type Visibility = "public" | "private";

export interface WordingOut {
  situation: string;
  text: string;
}

/** By operation: how it is called, what it takes and what it answers. */
export interface Operations {
  classify: {
    method: "POST";
    path: "/v1/classify";
    body: ClassifyIn;
    answer: ClassifiedOut | ClassifiedListOut;
  };
  classify_stream: {
    method: "POST";
    path: "/v1/classify/stream";
    query: { task?: Array<string> | null; top_k?: number; explain?: boolean };
    answer: string;
  };
  check_tone: {
    method: "POST";
    path: "/v1/tone";
    body: ToneIn;
    answer: ToneCheckOut;
  };
  draft_answer: {
    method: "POST";
    path: "/v1/drafts";
    body: DraftIn;
    answer: ProposalOut;
  };
  classify_as_hugging_face: {
    method: "POST";
    path: "/hf/models/{task}";
    ids: { task: string };
    body: LabelIn;
    answer: LabelsOut;
  };
  tell_server: {
    method: "GET";
    path: "/v2";
    answer: ServerMetadataOut;
  };
  is_server_live: {
    method: "GET";
    path: "/v2/health/live";
    answer: ServerLiveOut;
  };
  is_server_ready: {
    method: "GET";
    path: "/v2/health/ready";
    answer: ServerReadyOut;
  };
  tell_model: {
    method: "GET";
    path: "/v2/models/{task}";
    ids: { task: string };
    answer: ModelMetadataOut;
  };
  is_model_ready: {
    method: "GET";
    path: "/v2/models/{task}/ready";
    ids: { task: string };
    answer: ModelReadyOut;
  };
  infer: {
    method: "POST";
    path: "/v2/models/{task}/infer";
    ids: { task: string };
    body: InferenceIn;
    answer: InferenceOut;
  };
  moderate: {
    method: "POST";
    path: "/openai/v1/moderations";
    body: ModerationsIn;
    answer: ModerationsOut;
  };
  is_alive: {
    method: "GET";
    path: "/health/live";
    answer: LiveOut;
  };
  is_ready: {
    method: "GET";
    path: "/health/ready";
    answer: ReadyOut;
  };
  read_metrics: {
    method: "GET";
    path: "/metrics";
    answer: string;
  };
  list_cases: {
    method: "GET";
    path: "/v1/cases";
    query: { limit?: number; cursor?: string | null; view?: View; channel?: string | null; intent?: string | null; sentiment?: string | null; urgency?: string | null; team?: string | null; tier?: string | null; language?: string | null; assignee?: string | null; clock?: Clock | null; search?: string | null };
    answer: CaseListOut;
  };
  get_case: {
    method: "GET";
    path: "/v1/cases/{case_id}";
    ids: { case_id: string };
    answer: CaseOut;
  };
  get_case_trail: {
    method: "GET";
    path: "/v1/cases/{case_id}/trail";
    ids: { case_id: string };
    answer: EventListOut;
  };
  answer_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/answer";
    ids: { case_id: string };
    body: AnswerIn;
    answer: ActOut;
  };
  assign_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/assign";
    ids: { case_id: string };
    body: AssignIn;
    answer: CaseOut;
  };
  snooze_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/snooze";
    ids: { case_id: string };
    body: SnoozeIn;
    answer: CaseOut;
  };
  wake_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/wake";
    ids: { case_id: string };
    answer: CaseOut;
  };
  add_case_note: {
    method: "POST";
    path: "/v1/cases/{case_id}/notes";
    ids: { case_id: string };
    body: NoteIn;
    answer: NoteOut;
  };
  hand_over_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/hand_over";
    ids: { case_id: string };
    body: HandOverIn;
    answer: HandOverOut;
  };
  resolve_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/resolve";
    ids: { case_id: string };
    body: ResolveIn;
    answer: CaseOut;
  };
  reopen_case: {
    method: "POST";
    path: "/v1/cases/{case_id}/reopen";
    ids: { case_id: string };
    answer: CaseOut;
  };
  get_offline: {
    method: "GET";
    path: "/v1/cases/{case_id}/offline";
    ids: { case_id: string };
    answer: OfflineTaskOut;
  };
  move_offline: {
    method: "POST";
    path: "/v1/cases/{case_id}/offline";
    ids: { case_id: string };
    body: OfflineIn;
    answer: OfflineTaskOut;
  };
  close_in_public: {
    method: "POST";
    path: "/v1/cases/{case_id}/offline/close";
    ids: { case_id: string };
    body: ClosingIn;
    answer: ReplyOut;
  };
  hand_in_message: {
    method: "POST";
    path: "/v1/messages";
    body: MessageIn;
    answer: HandedInOut;
  };
  list_messages: {
    method: "GET";
    path: "/v1/messages";
    query: { limit?: number; cursor?: string | null; channel?: string | null };
    answer: MessageListOut;
  };
  get_message: {
    method: "GET";
    path: "/v1/messages/{message_id}";
    ids: { message_id: string };
    answer: ReadMessageOut;
  };
  prepare_again: {
    method: "POST";
    path: "/v1/messages/{message_id}/prepare_again";
    ids: { message_id: string };
    answer: ReadMessageOut;
  };
  relabel_message: {
    method: "POST";
    path: "/v1/messages/{message_id}/labels";
    ids: { message_id: string };
    body: RelabelIn;
    answer: ReadMessageOut;
  };
  override_decision: {
    method: "POST";
    path: "/v1/messages/{message_id}/decision";
    ids: { message_id: string };
    body: DecisionIn;
    answer: ReadMessageOut;
  };
  list_suggestions: {
    method: "GET";
    path: "/v1/suggestions";
    query: { limit?: number; cursor?: string | null; view?: View };
    answer: SuggestionListOut;
  };
  get_suggestion: {
    method: "GET";
    path: "/v1/suggestions/{suggestion_id}";
    ids: { suggestion_id: string };
    answer: SuggestionOut;
  };
  approve_suggestion: {
    method: "POST";
    path: "/v1/suggestions/{suggestion_id}/approve";
    ids: { suggestion_id: string };
    body: ApproveIn;
    answer: ActOut;
  };
  reject_suggestion: {
    method: "POST";
    path: "/v1/suggestions/{suggestion_id}/reject";
    ids: { suggestion_id: string };
    body: RejectIn;
    answer: SuggestionOut;
  };
  dismiss_suggestion: {
    method: "POST";
    path: "/v1/suggestions/{suggestion_id}/dismiss";
    ids: { suggestion_id: string };
    answer: SuggestionOut;
  };
  reconsider_suggestion: {
    method: "POST";
    path: "/v1/suggestions/{suggestion_id}/reconsider";
    ids: { suggestion_id: string };
    answer: SuggestionOut;
  };
  answer_message: {
    method: "POST";
    path: "/v1/messages/{message_id}/answer";
    ids: { message_id: string };
    body: AnswerIn;
    answer: ActOut;
  };
  get_reply: {
    method: "GET";
    path: "/v1/replies/{reply_id}";
    ids: { reply_id: string };
    answer: ActOut;
  };
  withdraw_reply: {
    method: "POST";
    path: "/v1/replies/{reply_id}/withdraw";
    ids: { reply_id: string };
    answer: ActOut;
  };
  send_reply_again: {
    method: "POST";
    path: "/v1/replies/{reply_id}/send_again";
    ids: { reply_id: string };
    answer: ActOut;
  };
  mark_reply_sent: {
    method: "POST";
    path: "/v1/replies/{reply_id}/mark_sent";
    ids: { reply_id: string };
    answer: ActOut;
  };
  list_unread_replies: {
    method: "GET";
    path: "/v1/replies";
    answer: ReplyListOut;
  };
  read_reply: {
    method: "POST";
    path: "/v1/replies/{reply_id}/read";
    ids: { reply_id: string };
    answer: ActOut;
  };
  give_back_reply: {
    method: "POST";
    path: "/v1/replies/{reply_id}/give_back";
    ids: { reply_id: string };
    body: NoteIn;
    answer: ActOut;
  };
  get_handover: {
    method: "GET";
    path: "/v1/handovers/{handover_id}";
    ids: { handover_id: string };
    answer: HandOverOut;
  };
  take_handover: {
    method: "POST";
    path: "/v1/handovers/{handover_id}/take";
    ids: { handover_id: string };
    answer: HandOverOut;
  };
  answer_handover: {
    method: "POST";
    path: "/v1/handovers/{handover_id}/answer";
    ids: { handover_id: string };
    body: AnswerTextIn;
    answer: HandOverOut;
  };
  call_back_handover: {
    method: "POST";
    path: "/v1/handovers/{handover_id}/call_back";
    ids: { handover_id: string };
    answer: HandOverOut;
  };
  get_notice: {
    method: "GET";
    path: "/v1/notices/{notice_id}";
    ids: { notice_id: string };
    answer: NoticeOut;
  };
  send_notice_again: {
    method: "POST";
    path: "/v1/notices/{notice_id}/send_again";
    ids: { notice_id: string };
    answer: NoticeOut;
  };
  get_customer: {
    method: "GET";
    path: "/v1/customers/{customer_id}";
    ids: { customer_id: string };
    answer: CustomerOut;
  };
  list_customer_cases: {
    method: "GET";
    path: "/v1/customers/{customer_id}/cases";
    ids: { customer_id: string };
    answer: CaseSummaryListOut;
  };
  join_customer: {
    method: "POST";
    path: "/v1/customers/{customer_id}/join";
    ids: { customer_id: string };
    body: JoinIn;
    answer: IdentityMoveOut;
  };
  export_customer: {
    method: "GET";
    path: "/v1/customers/{customer_id}/export";
    ids: { customer_id: string };
    answer: CustomerDataOut;
  };
  forget_customer: {
    method: "POST";
    path: "/v1/customers/{customer_id}/forget";
    ids: { customer_id: string };
    answer: ForgottenOut;
  };
  part_customer: {
    method: "POST";
    path: "/v1/customers/moves/{move_id}/undo";
    ids: { move_id: string };
    answer: IdentityMoveOut;
  };
  list_views: {
    method: "GET";
    path: "/v1/views";
    answer: SavedViewListOut;
  };
  add_view: {
    method: "POST";
    path: "/v1/views";
    body: ViewIn;
    answer: SavedViewOut;
  };
  remove_view: {
    method: "DELETE";
    path: "/v1/views/{view_id}";
    ids: { view_id: string };
    answer: undefined;
  };
  act_on_several: {
    method: "POST";
    path: "/v1/bulk";
    body: BulkIn;
    answer: BulkOut;
  };
  undo_several: {
    method: "POST";
    path: "/v1/bulk/{number}/undo";
    ids: { number: number };
    answer: TakenBackOut;
  };
  list_people: {
    method: "GET";
    path: "/v1/people";
    answer: PersonListOut;
  };
  set_signature: {
    method: "POST";
    path: "/v1/people/me/signature";
    body: SignatureIn;
    answer: PersonOut;
  };
  set_away: {
    method: "POST";
    path: "/v1/people/me/away";
    body: AwayIn;
    answer: PersonOut;
  };
  get_play_stats: {
    method: "GET";
    path: "/v1/playbook/stats";
    answer: PlayStatsOut;
  };
  list_plays: {
    method: "GET";
    path: "/v1/playbook/plays";
    query: { search?: string };
    answer: PlayListOut;
  };
  list_events: {
    method: "GET";
    path: "/v1/events";
    query: { after?: string; type?: Array<EventType> | null; include?: "objects" | null; limit?: number };
    answer: PublicEventListOut;
  };
  stream_events: {
    method: "GET";
    path: "/v1/events/stream";
    query: { after?: string; type?: Array<EventType> | null };
    answer: string;
  };
  list_webhooks: {
    method: "GET";
    path: "/v1/webhooks";
    answer: ListOut_EndpointOut_;
  };
  add_webhook: {
    method: "POST";
    path: "/v1/webhooks";
    body: EndpointIn;
    answer: EndpointOut;
  };
  get_webhook: {
    method: "GET";
    path: "/v1/webhooks/{webhook_id}";
    ids: { webhook_id: string };
    answer: EndpointOut;
  };
  change_webhook: {
    method: "PATCH";
    path: "/v1/webhooks/{webhook_id}";
    ids: { webhook_id: string };
    body: EndpointChangeIn;
    answer: EndpointOut;
  };
  remove_webhook: {
    method: "DELETE";
    path: "/v1/webhooks/{webhook_id}";
    ids: { webhook_id: string };
    answer: undefined;
  };
  get_webhook_secret: {
    method: "GET";
    path: "/v1/webhooks/{webhook_id}/secret";
    ids: { webhook_id: string };
    answer: EndpointSecretsOut;
  };
  rotate_webhook_secret: {
    method: "POST";
    path: "/v1/webhooks/{webhook_id}/rotate";
    ids: { webhook_id: string };
    answer: EndpointOut;
  };
  trigger_webhook: {
    method: "POST";
    path: "/v1/webhooks/{webhook_id}/trigger";
    ids: { webhook_id: string };
    body: TriggerIn;
    answer: EventDeliveryOut;
  };
  list_deliveries: {
    method: "GET";
    path: "/v1/webhooks/{webhook_id}/deliveries";
    ids: { webhook_id: string };
    query: { state?: DeliveryState | null; limit?: number; cursor?: string };
    answer: ListOut_EventDeliveryOut_;
  };
  get_delivery: {
    method: "GET";
    path: "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}";
    ids: { webhook_id: string; delivery_id: string };
    answer: EventDeliveryOut;
  };
  resend_delivery: {
    method: "POST";
    path: "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend";
    ids: { webhook_id: string; delivery_id: string };
    answer: EventDeliveryOut;
  };
  resend_failed: {
    method: "POST";
    path: "/v1/webhooks/{webhook_id}/resend";
    ids: { webhook_id: string };
    answer: ResentOut;
  };
  get_report: {
    method: "GET";
    path: "/v1/report";
    query: { by?: By; from?: string | null; to?: string | null };
    answer: ReportOut;
  };
  list_report_cases: {
    method: "GET";
    path: "/v1/report/cases";
    query: { figure: string; by?: By | null; line?: string; from?: string | null; to?: string | null };
    answer: ReportCasesOut;
  };
  list_goals: {
    method: "GET";
    path: "/v1/report/goals";
    answer: StandingsOut;
  };
  list_knowledge_gaps: {
    method: "GET";
    path: "/v1/report/gaps";
    query: { from?: string | null; to?: string | null };
    answer: GapsOut;
  };
  get_plan: {
    method: "GET";
    path: "/v1/plan";
    answer: PlanOut;
  };
  get_quality: {
    method: "GET";
    path: "/v1/quality";
    answer: QualityOut;
  };
  review_reply: {
    method: "POST";
    path: "/v1/quality/{reply_id}";
    ids: { reply_id: string };
    body: ReviewIn;
    answer: ReviewOut;
  };
  get_staffing: {
    method: "GET";
    path: "/v1/staffing";
    query: { team?: string; channel?: string; from?: string | null };
    answer: StaffingOut;
  };
  get_crisis: {
    method: "GET";
    path: "/v1/crisis";
    answer: CrisisStandingOut;
  };
  begin_crisis: {
    method: "POST";
    path: "/v1/crisis";
    body: CrisisIn;
    answer: CrisisOut;
  };
  change_statement: {
    method: "POST";
    path: "/v1/crisis/{crisis_id}/statement";
    ids: { crisis_id: string };
    body: StatementIn;
    answer: CrisisOut;
  };
  end_crisis: {
    method: "POST";
    path: "/v1/crisis/{crisis_id}/end";
    ids: { crisis_id: string };
    answer: CrisisOut;
  };
  list_training_jobs: {
    method: "GET";
    path: "/v1/training/jobs";
    answer: TrainingJobsOut;
  };
  start_training_job: {
    method: "POST";
    path: "/v1/training/jobs";
    body: TrainingIn;
    answer: TrainingJobOut;
  };
  get_training_job: {
    method: "GET";
    path: "/v1/training/jobs/{job_id}";
    ids: { job_id: string };
    answer: TrainingJobOut;
  };
  cancel_training_job: {
    method: "POST";
    path: "/v1/training/jobs/{job_id}/cancel";
    ids: { job_id: string };
    answer: TrainingJobOut;
  };
  read_session: {
    method: "GET";
    path: "/v1/session";
    answer: SessionOut;
  };
  start_session: {
    method: "POST";
    path: "/v1/session";
    body: SignInIn;
    answer: SessionOut;
  };
  end_session: {
    method: "DELETE";
    path: "/v1/session";
    answer: undefined;
  };
  take_messages: {
    method: "POST";
    path: "/inbox/{channel}";
    ids: { channel: string };
    body: Record<string, unknown>;
    answer: TakenOut;
  };
  take_receipts: {
    method: "POST";
    path: "/inbox/{channel}/receipts";
    ids: { channel: string };
    body: Record<string, unknown>;
    answer: ReceiptsOut;
  };
}

/** What an endpoint is posted, by type. */
export interface Webhooks {
  "message.received": { type: "message.received"; timestamp: string; data: { message_id: string | null; case_id?: string | null; channel?: string | null; is_sample?: boolean | null; message?: MessageOut | null; case?: CaseSummaryOut | null } };
  "message.classified": { type: "message.classified"; timestamp: string; data: { message_id: string | null; case_id?: string | null; bundle?: string | null; intent?: string | null; sentiment?: string | null; urgency?: string | null; intent_score?: number | null; sentiment_score?: number | null; urgency_score?: number | null; is_sample?: boolean | null; message?: MessageOut | null; case?: CaseSummaryOut | null } };
  "suggestion.ready": { type: "suggestion.ready"; timestamp: string; data: { suggestion_id: string | null; case_id?: string | null; message_id?: string | null; play?: string | null; by?: string | null; is_sample?: boolean | null; suggestion?: SuggestionOut | null; case?: CaseSummaryOut | null } };
  "suggestion.decided": { type: "suggestion.decided"; timestamp: string; data: { suggestion_id: string | null; case_id?: string | null; message_id?: string | null; reply_id?: string | null; play?: string | null; reason?: string | null; outcome?: string | null; by?: string | null; is_sample?: boolean | null; suggestion?: SuggestionOut | null; case?: CaseSummaryOut | null } };
  "reply.sent": { type: "reply.sent"; timestamp: string; data: { reply_id: string | null; case_id?: string | null; attempt?: number | null; is_rehearsal?: boolean | null; outcome?: string | null; is_sample?: boolean | null; reply?: ReplyOut | null; case?: CaseSummaryOut | null } };
  "reply.failed": { type: "reply.failed"; timestamp: string; data: { reply_id: string | null; case_id?: string | null; attempt?: number | null; is_rehearsal?: boolean | null; outcome?: string | null; is_sample?: boolean | null; reply?: ReplyOut | null; case?: CaseSummaryOut | null } };
  "case.promised": { type: "case.promised"; timestamp: string; data: { promise_id: string | null; case_id?: string | null; until?: string | null; reply_id?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "case.resolved": { type: "case.resolved"; timestamp: string; data: { case_id: string | null; turn?: number | null; by?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "case.climbed": { type: "case.climbed"; timestamp: string; data: { message_id: string | null; case_id?: string | null; step?: string | null; team?: string | null; contact?: string | null; by?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "model.promoted": { type: "model.promoted"; timestamp: string; data: { bundle: string | null; case_id?: string | null; was?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "model.drifted": { type: "model.drifted"; timestamp: string; data: { bundle: string | null; case_id?: string | null; tasks?: string | null; n?: number | null; days?: number | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "surge.began": { type: "surge.began"; timestamp: string; data: { surge_id: string | null; case_id?: string | null; kind?: string | null; channel?: string | null; intent?: string | null; n?: number | null; usual?: number | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "surge.ended": { type: "surge.ended"; timestamp: string; data: { surge_id: string | null; case_id?: string | null; kind?: string | null; channel?: string | null; intent?: string | null; n?: number | null; usual?: number | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "crisis.began": { type: "crisis.began"; timestamp: string; data: { crisis_id: string | null; case_id?: string | null; by?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "crisis.changed": { type: "crisis.changed"; timestamp: string; data: { crisis_id: string | null; case_id?: string | null; by?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
  "crisis.ended": { type: "crisis.ended"; timestamp: string; data: { crisis_id: string | null; case_id?: string | null; n_matched?: number | null; n_answered?: number | null; by?: string | null; is_sample?: boolean | null; case?: CaseSummaryOut | null } };
}
