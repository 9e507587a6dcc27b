import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCommand, checkFolder } from '../../bin/commands/check.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { clinicFolder, exampleClinic } from '../example-clinic.ts';

let copy: ReturnType<typeof copyOfClinic>;
beforeEach(() => {
  copy = copyOfClinic();
});
afterEach(() => copy.remove());

describe('tandem check', () => {
  it('says in one line what it found in a sound folder, and under which hash', () => {
    const { exitCode, output, error } = checkFolder(clinicFolder, false);
    expect(exitCode).toBe(0);
    expect(error).toBe('');
    expect(output).toBe(
      `${clinicFolder}: no fault; programme depression, 8 modules; measures eheals, gad-7, isi, phq-9; languages en; ${exampleClinic.hash}\n`,
    );
  });

  it('prints a line for each fault, and how many there are', () => {
    copy.write(
      'clinic.yaml',
      copy.read('clinic.yaml').replace('America/New_York', 'Mars/Base').replace('name: Ex', 'nam: Ex'),
    );
    const { exitCode, output, error } = checkFolder(copy.folder, false);
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/clinic\.yaml:\d+: nam: is not a known setting: did you mean name\?$/),
      expect.stringMatching(/clinic\.yaml:\d+: timeZone: name an IANA time zone/),
    ]);
    expect(error).toBe(`${copy.folder}: 2 faults: mend and check again\n`);
  });

  it('says "1 fault" of one', () => {
    copy.write('clinic.yaml', copy.read('clinic.yaml').replace('America/New_York', 'Mars/Base'));
    expect(checkFolder(copy.folder, false).error).toBe(`${copy.folder}: 1 fault: mend and check again\n`);
  });

  it.each(['nowhere', 'clinic.yaml'])('refuses %s, which is no folder', (name) => {
    const folder = `${copy.folder}/${name}`;
    expect(checkFolder(folder, false)).toEqual({
      exitCode: 2,
      output: '',
      error: `${folder}: there is no such folder: name the folder that holds clinic.yaml\n`,
    });
  });

  it('tells a machine the same as one JSON object', () => {
    expect(JSON.parse(checkFolder(clinicFolder, true).output)).toEqual({
      ok: true,
      folder: clinicFolder,
      hash: exampleClinic.hash,
      programme: 'depression',
      modules: 8,
      measures: ['eheals', 'gad-7', 'isi', 'phq-9'],
      languages: ['en'],
      faults: [],
    });
    copy.write('rules.yaml', '');
    expect(JSON.parse(checkFolder(copy.folder, true).output)).toMatchObject({
      ok: false,
      faults: [{ line: 1, column: 1 }],
    });
    expect(JSON.parse(checkFolder(`${copy.folder}/nowhere`, true).output)).toMatchObject({ ok: false, faults: [] });
  });

  it('has help with an example and the exit codes', () => {
    let help = '';
    checkCommand()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    expect(help).toMatch(/Example: npx tandem check clinic/);
    expect(help).toMatch(/0 no fault, 1 faults, 2 there is no such folder/);
  });
});
