/**
 * What triggers of the clock share. Each asks every minute whether its moment of today has passed: once it has, the answer stays the same
 * to the end of the day in the shop's zone, so minutes that were missed are caught up. Pure.
 */
import { z } from 'zod';
import type { DomainEvent, Instant, NewDomainEvent, SegmentCondition, SegmentOp } from '../contracts/index.js';

export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:mm');
/** Ten in the morning: after the quiet hours, before lunch. */
export const atTen = TimeOfDay.default('10:00');

export const hasPassed = ({ local }: Pick<Instant, 'local'>, at: string): boolean => local.time >= at;

/** A day of the shop's zone in its parts; months from 1. */
export function dayOf({ local }: Pick<Instant, 'local'>): { year: number; month: number; day: number } {
  const [year = 0, month = 0, day = 0] = local.date.split('-').map(Number);
  return { year, month, day };
}

/** 28 to 31. */
export const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

export const where = (field: string, op: SegmentOp, value: unknown): SegmentCondition => ({ field, op, value });

/** The run raises `strategy.due` for the strategy that is due, and for each of its people. */
export const isDue = (event: DomainEvent): boolean => event.kind === 'strategy.due';

export const dueExample: NewDomainEvent = { kind: 'strategy.due', at: new Date(0), data: { key: '2026-11-22' } };
