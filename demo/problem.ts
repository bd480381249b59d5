/** What ends the demo with one clear sentence and exit code 1. */
export class DemoProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoProblem';
  }
}
