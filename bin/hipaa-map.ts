/** A test that fails where the control is taken away: its file under tests/ and a part of its name. */
export interface ProvingTest {
  readonly file: string;
  readonly name: string;
}

/** One clause, what Tandem does about it, what shows it, and what is left to the clinic. */
export interface Clause {
  readonly cite: string;
  readonly asks: string;
  readonly control: string;
  /** None: nothing of it can be shown by a test; then `clinic` says whose it is. */
  readonly tests: readonly ProvingTest[];
  /** What no software can do for the clinic; absent: nothing is left. */
  readonly clinic?: string;
}

export interface ClauseGroup {
  readonly title: string;
  readonly note?: string;
  readonly clauses: readonly Clause[];
}

const test = (file: string, name: string): ProvingTest => ({ file, name });

/**
 * 45 CFR part 164 as far as it asks something of software that holds electronic protected health information. The words of the
 * clauses are shortened; the regulation decides.
 */
export const hipaaMap: readonly ClauseGroup[] = [
  {
    title: 'Technical safeguards, 164.312',
    clauses: [
      {
        cite: '164.312(a)(1)',
        asks: 'Access control: only persons and programs that were granted access.',
        control:
          'Each function has a role of its own that may do what it needs to the table, key or topic it needs and nothing else; people ' +
          'sign in, and see their own caseload and cover, or what their role may see. The audit opens for one role only, with a second factor.',
        tests: [
          test('infrastructure/permissions.test.ts', 'may do exactly what docs/permissions.md says'),
          test('end-to-end/roles.test.ts', 'the event intake is refused reading the audit'),
          test('infrastructure/audit-rights.test.ts', 'is the right of the role for exports, and of nobody else'),
          test('end-to-end/alert-api.test.ts', 'another therapist’s alert is not there'),
        ],
      },
      {
        cite: '164.312(a)(2)(i)',
        asks: 'Unique user identification.',
        control:
          'Staff are named by their own id at the sign-in; every audit record names who did it, and in which role.',
        tests: [
          test('end-to-end/audit-questions.test.ts', 'names everybody who looked or answered'),
          test('end-to-end/alert-api.test.ts', 'acknowledges and resolves it, and the audit is complete'),
        ],
        clinic: 'Gives every person an account of their own and shares none.',
      },
      {
        cite: '164.312(a)(2)(ii)',
        asks: 'Emergency access procedure.',
        control:
          'npx tandem alerts show --emergency REASON shows an alert to whoever has the account’s rights, tells operators and compliance at ' +
          'once and stands out in the periodic review.',
        tests: [test('end-to-end/audit-questions.test.ts', 'lists emergency access and refusals')],
        clinic: 'Says who may do so, and keeps those credentials at hand.',
      },
      {
        cite: '164.312(a)(2)(iii)',
        asks: 'Automatic log-off.',
        control:
          'The page logs off after a time without use, and forgets its token; a token is good for a quarter of an hour.',
        tests: [test('browser/console.test.ts', 'log'), test('infrastructure/api.test.ts', 'for a quarter of an hour')],
      },
      {
        cite: '164.312(a)(2)(iv)',
        asks: 'Encryption and decryption.',
        control:
          'Whatever is about a patient is encrypted under a key of that patient before it reaches a table; tables, queues, topics, logs ' +
          'and backups are encrypted under the clinic’s own keys besides.',
        tests: [
          test('end-to-end/plain-text.test.ts', 'no text that somebody wrote appears outside encrypted content'),
          test('infrastructure/protection.test.ts', 'covers every queue, topic, log and bus, each under its key'),
          test('infrastructure/backups.test.ts', 'lie under a key of their own'),
        ],
      },
      {
        cite: '164.312(b)',
        asks: 'Audit controls: record and examine activity.',
        control:
          'Every decision and every view has its record, in the same transaction; a person can ask who saw what, and what was unusual.',
        tests: [
          test('infrastructure/writes.test.ts', 'one file alone writes to the tables'),
          test('end-to-end/audit-questions.test.ts', 'the regular review'),
          test('unit/reconciliation.test.ts', 'finds any one record removed, altered or put in'),
        ],
      },
      {
        cite: '164.312(c)(1)',
        asks: 'Integrity: no improper alteration or destruction.',
        control:
          'The audit table refuses changes to everybody; records are chained, chains are sealed every five minutes into a signed log ' +
          'under Object Lock; tables can be brought back to any second of 35 days, and from locked backups.',
        tests: [
          test('infrastructure/permissions.test.ts', 'itself refuses every change of a record, whoever asks'),
          test('infrastructure/audit-log.test.ts', 'can be changed or deleted by nobody'),
          test('infrastructure/backups.test.ts', 'cannot be deleted before their time'),
        ],
      },
      {
        cite: '164.312(c)(2)',
        asks: 'Mechanism to authenticate electronic protected health information.',
        control:
          'Anybody with an export and the public key can tell whether history was changed: two independent verifiers.',
        tests: [
          test('unit/audit-tamper.test.ts', 'is found, named and located'),
          test('end-to-end/audit-seal.test.ts', 'shows a stored record that was changed'),
        ],
      },
      {
        cite: '164.312(d)',
        asks: 'Person or entity authentication.',
        control:
          'Staff sign in by OpenID Connect with a second factor; the programme by client credentials or IAM; a bad token is refused and audited.',
        tests: [
          test('infrastructure/api.test.ts', 'asks for a second factor of everybody'),
          test('unit/oidc-tokens.test.ts', 'where it is signed in another way'),
          test('end-to-end/alert-api.test.ts', 'a bad token is refused'),
        ],
        clinic: 'Where it uses its own sign-in: requires a second factor there.',
      },
      {
        cite: '164.312(e)(1), (e)(2)',
        asks: 'Transmission security: integrity controls and encryption.',
        control:
          'Tables, queues, topics and buckets refuse what does not come over TLS. E-mail and SMS leave in clear, so they carry an opaque ' +
          'id or a neutral sentence and nothing else.',
        tests: [
          test('infrastructure/permissions.test.ts', 'refuses whatever does not come over TLS'),
          test('infrastructure/alerts.test.ts', 'take nothing over plain HTTP'),
          test('infrastructure/audit-log.test.ts', 'closed to the public and to plain HTTP'),
          test('end-to-end/alerts.test.ts', 'says nothing of the patient'),
        ],
      },
    ],
  },
  {
    title: 'Administrative safeguards, 164.308',
    clauses: [
      {
        cite: '164.308(a)(1)(ii)(D)',
        asks: 'Information system activity review: regularly review records of activity.',
        control:
          'npx tandem audit review: who did how much, unusual and emergency access, refusals, exports; the review is itself recorded.',
        tests: [test('end-to-end/audit-questions.test.ts', 'counts people, and lists emergency access')],
        clinic: 'Reads it, monthly at least, and writes down what was done about it.',
      },
      {
        cite: '164.308(a)(3)(ii)(C), (a)(4)',
        asks: 'Access authorization, and its end when employment ends.',
        control:
          'Who is on the staff list, and in which group of the sign-in, decides; whoever leaves both has no access and gets no message.',
        tests: [
          test('infrastructure/alerts.test.ts', 'come and go with the staff'),
          test('infrastructure/api.test.ts', 'has a group for each role there is'),
        ],
        clinic: 'Takes whoever leaves off escalation.yaml and out of the sign-in, the same day.',
      },
      {
        cite: '164.308(a)(6)(ii)',
        asks: 'Response and reporting: identify and respond to security incidents.',
        control:
          'Each alarm goes to the operators and leads to a page that says what it means, what to check and what to do.',
        tests: [
          test('infrastructure/alarms.test.ts', 'says what to do and where to read on'),
          test('infrastructure/alarms.test.ts', 'leave no dead-letter queue, no workflow and no function unwatched'),
        ],
      },
      {
        cite: '164.308(a)(7)(ii)(A), (B)',
        asks: 'Data backup plan and disaster recovery plan.',
        control:
          'A locked backup of each table every night beside point-in-time recovery, and a command that brings a table back and compares it.',
        tests: [
          test('infrastructure/backups.test.ts', 'are made every night'),
          test('end-to-end/restore.test.ts', 'stands beside the old one with the same items'),
        ],
      },
      {
        cite: '164.308(a)(7)(ii)(D)',
        asks: 'Testing and revision of contingency plans.',
        control: 'The restore is run in the tests, on an emulator.',
        tests: [
          test('end-to-end/restore.test.ts', 'is compared with the audit, and a decision committed since is named'),
        ],
        clinic: 'Tries it once a year in its own account.',
      },
      {
        cite: '164.308(b)(1)',
        asks: 'Business associate contracts.',
        control: 'None in software.',
        tests: [],
        clinic:
          'Has an agreement with AWS before the first deployment, and uses eligible services only. All that Tandem uses is listed in docs/cost.md.',
      },
    ],
  },
  {
    title: 'Documentation, privacy and breach: 164.316, 164.404, 164.502, 164.528',
    clauses: [
      {
        cite: '164.316(b)(2)(i)',
        asks: 'Keep documentation for six years.',
        control:
          'The audit never expires by itself, and what is asked to expire is older than the years of clinic.yaml, six at least; the seals are locked for as long.',
        tests: [
          test('infrastructure/protection.test.ts', 'of the audit never expires by itself'),
          test('infrastructure/audit-log.test.ts', 'for the years that clinic.yaml says, six at the least'),
          test('unit/check-faults.test.ts', 'records kept too short'),
          test('unit/retention.test.ts', 'stays the day before, and is erased the day after'),
        ],
      },
      {
        cite: '164.404(c)(1)(A), (B)',
        asks: 'Notification of a breach: what happened, when, and what information of whom.',
        control: 'The audit says which records were seen or exported, of whom, by whom and when.',
        tests: [
          test('end-to-end/audit-questions.test.ts', 'names everybody who looked or answered'),
          test('end-to-end/audit-seal.test.ts', 'says of itself that it was exported, by whom, what and why'),
        ],
        clinic: 'Decides whether it is a breach and notifies, within 60 days.',
      },
      {
        cite: '164.502(b)',
        asks: 'Minimum necessary.',
        control:
          'Messages, logs, metrics, histories and keys hold opaque ids only; an operator sees that there is an alert and not of whom.',
        tests: [
          test('end-to-end/alert-api.test.ts', 'an operator sees that there are some and nothing of a patient'),
          test('end-to-end/nightly-scan.test.ts', 'leaves in the history of its executions ids, times and counts only'),
          test('infrastructure/api.test.ts', 'no path, query, header, token or body'),
        ],
      },
      {
        cite: '164.528',
        asks: 'Accounting of disclosures: date, recipient, what, purpose, over six years.',
        control:
          'npx tandem audit disclosures prints them; one that Tandem cannot know of is written down with record-disclosure.',
        tests: [
          test(
            'end-to-end/audit-questions.test.ts',
            'is the answer "referred" and what was written down, and nothing else',
          ),
        ],
        clinic: 'Writes down what it discloses by other ways.',
      },
    ],
  },
  {
    title: 'The proposed rule of January 2025 (HIPAA Security Rule, 90 FR 898)',
    note:
      'A proposal, not in force when this was written; its topics are listed without paragraph numbers, because those may change. What is ' +
      'here already stands below.',
    clauses: [
      {
        cite: 'Encryption at rest and in transit, required',
        asks: 'No longer "addressable".',
        control: 'As under 164.312(a)(2)(iv) and (e).',
        tests: [test('infrastructure/nag.test.ts', 'have no finding in stage')],
      },
      {
        cite: 'Multi-factor authentication, required',
        asks: 'For whoever signs in to what holds health information.',
        control: 'Required of everybody in the sign-in that Tandem brings.',
        tests: [
          test(
            'infrastructure/api.test.ts',
            'asks for a second factor of everybody, by an app and never by text message',
          ),
        ],
        clinic: 'For its own AWS accounts too.',
      },
      {
        cite: 'Restore within 72 hours',
        asks: 'Written procedures to restore critical systems and data.',
        control: 'One command and its page in docs/operations.md.',
        tests: [test('end-to-end/restore.test.ts', 'stands beside the old one with the same items')],
        clinic: 'Measures how long it takes in its account.',
      },
      {
        cite: 'Technology asset inventory and network map',
        asks: 'What holds health information, and how it moves.',
        control:
          'Every resource carries its stage as a tag; README.md and docs/operations.md draw the flows; the workflows are drawn from their definitions.',
        tests: [test('infrastructure/stages.test.ts', 'have their stage on every resource that can carry a tag')],
      },
      {
        cite: 'Access ends within an hour of employment',
        asks: 'Notice and removal of access.',
        control: 'A token is good for a quarter of an hour and cannot be renewed once the account is gone.',
        tests: [test('infrastructure/api.test.ts', 'for a quarter of an hour')],
        clinic: 'Removes the account.',
      },
      {
        cite: 'Vulnerability scans, penetration tests, patches',
        asks: 'Every six months, every twelve, and on time.',
        control: 'Every dependency is pinned; npm run sbom lists what a deployment holds.',
        tests: [],
        clinic: 'Has its deployment scanned and tested, and takes new versions.',
      },
    ],
  },
];
