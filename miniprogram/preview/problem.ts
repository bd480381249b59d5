/** What is wrong with the mini-program's sources and where. Gates and the preview's build return lists of these, and never throw for them. */
export interface Problem {
  /** Below the mini-program's root, with its ending. */
  file: string;
  /** From 1. */
  line: number;
  column: number;
  message: string;
}

/** `pages/home/index.wxml:3:14 unknown tag <x>` */
export const showProblem = ({ file, line, column, message }: Problem): string =>
  `${file}:${String(line)}:${String(column)} ${message}`;
