// What the page and its API say to each other. tests/unit/console-contract.test.ts holds it against the domain's own types,
// whose modules a browser has no use for.

/** A moment, such as "2026-03-02T09:00:00.000Z". */
export type Instant = string;

/** GET /api/config: what a browser needs to know before anybody has signed in. */
export interface Config {
  /** The OpenID Connect issuer of the clinic's sign-in. */
  readonly issuer: string;
  readonly clientId: string;
  /** Scopes to ask for, separated by blanks. */
  readonly scope: string;
  /** After so many minutes without a key or a click whoever is signed in is signed off. */
  readonly idleMinutes: number;
}

/** GET /api/me */
export interface Me {
  readonly staff: string;
  readonly roles: readonly string[];
}

export type Tier = 'urgent' | 'alert' | 'list';
export type Cause = 'safety' | 'deterioration' | 'dropout' | 'unassigned' | 'unanswered';
export type Status = 'open' | 'acknowledged' | 'snoozed' | 'overdue' | 'resolved' | 'withdrawn' | 'closed';

/** An alert as GET /api/alerts lists it. */
export interface Alert {
  readonly id: string;
  readonly tier: Tier;
  /** null, as the patient is: whoever asks may see that it is there, and no more. */
  readonly cause: Cause | null;
  readonly status: Status;
  /** Tandem's own id of the patient. */
  readonly patient: string | null;
  readonly openedAt: Instant;
  /** When it last became more serious; the same as openedAt where it never did. */
  readonly raisedAt: Instant;
  /** When something happens unless somebody answers; null once it has ended. */
  readonly nextActionAt: Instant | null;
  readonly snoozedUntil: Instant | null;
  readonly acknowledgedBy: readonly string[];
  /** An answer names the version it answers. */
  readonly version: number;
}

/** GET /api/alerts */
export interface AlertList {
  readonly alerts: readonly Alert[];
  /** How many patients could not be read, so that an alert of theirs may be missing. */
  readonly unreadable: number;
}

/** GET /api/alerts/{id} */
export interface AlertDetail {
  readonly alert: Alert;
  readonly patient: {
    readonly id: string;
    /** The id under which the programme knows them. */
    readonly programmeId: string | null;
    readonly programme: string | null;
    readonly track: string | null;
    readonly therapist: string | null;
    /** IANA name. */
    readonly timeZone: string;
  };
  /** Every reason in words. */
  readonly why: readonly string[];
  readonly whatToDo: readonly string[];
  /** Oldest first. `who`: staff id, or "tandem". */
  readonly history: readonly { readonly at: Instant; readonly what: string; readonly who: string }[];
  /** How it may be resolved, each in words. */
  readonly outcomes: readonly { readonly code: string; readonly label: string }[];
  /** `until`: the latest moment to which it can be put off. */
  readonly snooze: { readonly allowed: boolean; readonly until: Instant | null };
}

export type SnoozeReason = 'in-contact' | 'session-booked' | 'waiting-for-information' | 'more-urgent-first';

export type Outcome =
  | { readonly code: 'reached' | 'plan-adapted' | 'live-session-booked' | 'known-and-planned' }
  | { readonly code: 'not-reached'; readonly nextTry: Instant }
  | {
      readonly code: 'referred';
      /** null: the referral is part of the treatment. */
      readonly disclosure: { readonly recipient: string; readonly what: string; readonly purpose: string } | null;
    }
  | { readonly code: 'no-action-needed'; readonly why: string };

/** What a person can say to an alert: the body of POST /api/alerts/{id}/{kind}, without its version. */
export type Answer =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'snooze'; readonly until: Instant; readonly reason: SnoozeReason }
  | { readonly kind: 'resolve'; readonly outcome: Outcome };

/** What became of an answer: 200 or 409. */
export interface Answered {
  /** `seen-late`: somebody else was first. `stale`: the alert has changed since it was read. */
  readonly result: 'done' | 'seen-late' | 'stale' | 'refused';
  /** In words; it names staff and never the patient. */
  readonly reason: string;
  /** As it is now; null once it has ended, or where this person may not see it. */
  readonly alert: Alert | null;
}
