import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { isJsonObject, type JsonObject, objectsOf } from '../../functions/domain/fhir-json.ts';
import { type Reading, readQuestionnaire } from '../../functions/domain/questionnaire.ts';
import { type SafetyTier, safetyRulesSchema, safetyTier } from '../../functions/domain/safety.ts';
import { clinicMeasures, loadMeasures } from './measure-files.ts';

/** Finds the questionnaire in what a file holds: a FHIR resource, plain answers, an event's data or a whole event. */
function questionnaireIn(content: unknown): JsonObject | null {
  const candidates = isJsonObject(content) ? objectsOf([content, content['data']]) : [];
  if (candidates[0] !== undefined && 'resourceType' in candidates[0]) return { fhir: candidates[0] };
  return candidates.find((candidate) => 'fhir' in candidate || 'measure' in candidate) ?? null;
}

/** The reading as the command line's contract has it. The tier is that of a first answer: no earlier one is known here. */
function contractFields(reading: Reading, safety: SafetyTier): object {
  const { outcome, ...fields } = reading;
  return outcome === 'scored' ? { ...fields, safety } : { refused: true, ...fields, safety };
}

function printForPeople(reading: Reading, safety: SafetyTier): void {
  const answers = reading.answers.map((answer) => answer ?? '-').join(' ');
  console.log(`measure  ${reading.measure ?? 'not known'}`);
  if (answers !== '') console.log(`answers  ${answers}`);
  if (reading.outcome === 'scored') console.log(`total    ${reading.total}, ${reading.band}`);
  if (reading.item9 !== null) console.log(`item 9   ${reading.item9}, safety tier: ${safety}`);
}

function score(file: string, options: { json?: boolean; measures: string }): void {
  const measures = loadMeasures(options.measures);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch {
    throw new Error('The file cannot be read as JSON: give one that holds one questionnaire, or - for standard input.');
  }
  const data = questionnaireIn(content);
  if (data === null) {
    throw new Error(
      'The file holds no questionnaire: write a FHIR QuestionnaireResponse or {"measure":…,"answers":[…]}.',
    );
  }
  const reading = readQuestionnaire(data, measures);
  const safety = safetyTier(null, reading.item9, safetyRulesSchema.parse({}));
  if (options.json === true) console.log(JSON.stringify(contractFields(reading, safety)));
  else printForPeople(reading, safety);
  if (reading.outcome === 'refused') {
    console.error(`Refused: ${reading.reason}`);
    process.exitCode = 2;
  }
}

/** `tandem score FILE`. Exit code 0 scored, 1 the file or the measures have faults, 2 refused. */
export function scoreCommand(): Command {
  return new Command('score')
    .description(
      'Scores one questionnaire, plain or FHIR: measure, answers, total, band, item 9; or says why it is refused.',
    )
    .argument(
      '<file>',
      'JSON: a QuestionnaireResponse, {"measure":…,"answers":[…]}, or an event with either; - is standard input',
    )
    .option('--json', 'one line of JSON instead of words')
    .addOption(new Option('--measures <folder>', 'folder of the measures').default(clinicMeasures, 'clinic/measures'))
    .addHelpText(
      'after',
      `\nExample: echo '{"measure":"phq-9","answers":[2,2,2,2,1,1,2,0,0]}' | npx tandem score - --json`,
    )
    .action((file: string, options: { json?: boolean; measures: string }) => {
      try {
        score(file, options);
      } catch (error) {
        console.error(error instanceof Error ? error.message : 'The questionnaire cannot be read.');
        process.exitCode = 1;
      }
    });
}
