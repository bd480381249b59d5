/** What ends an import as a whole: the file, not a row. Codes are stable and listed in docs/errors.md. */

export const fileProblems = {
  'file.missing': 'The file is not there or cannot be read.',
  'file.empty': 'The file holds no rows.',
  'file.tooLarge': 'The file is larger than an import may be. Divide it.',
  'file.notText': 'The file is not text. Choose the format xlsx for an Excel workbook; export anything else as CSV.',
  'file.oldExcel': 'This is an Excel 97-2003 workbook (.xls). Open it and save it as .xlsx or as CSV.',
  'file.notXlsx':
    'The file is not an Excel workbook (.xlsx), or it is damaged or protected by a password. Save it again.',
  'file.noSheet': 'The workbook has no such sheet.',
  'file.noColumn': 'The mapping names a column that the file does not have.',
  'file.changed': 'The file is not the one this import began with.',
  'import.busy': 'Another process is running this import.',
} as const;
export type FileProblemCode = keyof typeof fileProblems;

/** Ends an import with a code and a public sentence. */
export class ImportProblem extends Error {
  constructor(
    readonly code: FileProblemCode,
    detail?: string,
  ) {
    super(detail ? `${fileProblems[code]} ${detail}` : fileProblems[code]);
    this.name = 'ImportProblem';
  }
}
