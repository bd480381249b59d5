/** Fault injection for tests (test mode only): the `failCommand` fail point, as MongoDB's driver specifications use it. */
import type { Doc } from '../types.js';

export interface Fault {
  /** Close the socket instead of answering: before the command is applied, or after. */
  close?: 'before' | 'after';
  errorCode?: number;
  errorLabels?: string[];
  writeConcernError?: Doc;
  blockMs?: number;
}

interface Armed {
  commands: readonly string[];
  skip: number;
  times: number;
  fault: Fault;
}

export class FailPoints {
  private armed: Armed | undefined;

  arm(commands: readonly string[], skip: number, times: number, fault: Fault): void {
    this.armed = { commands, skip, times, fault };
  }

  disarm(): void {
    this.armed = undefined;
  }

  /** The fault this command shall suffer, counted down. */
  take(command: string): Fault | undefined {
    const { armed } = this;
    if (!armed || !armed.commands.includes(command)) return undefined;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return undefined;
    }
    if (armed.times <= 0) return undefined;
    armed.times -= 1;
    return armed.fault;
  }
}
