/** Imports as the console sees them. Pure. */
import type { ImportDetail, ImportView } from '../contracts/http/imports.js';
import type { ImportRecord } from './models.js';
import { isReason, reasons } from './reasons.js';

export function viewOf(record: ImportRecord): ImportView {
  const { kind, fileName, bytes, state, progress, mode, dryRun, counts, reportBytes, failure, by } = record;
  return {
    ...{ id: String(record._id), kind, fileName, bytes, state, progress, mode: mode ?? null, dryRun, counts, by },
    reasons: record.reasons.map(({ code, count }) => ({
      code,
      count,
      title: isReason(code) ? reasons[code].title : {},
    })),
    hasReport: reportBytes > 0,
    failure: failure ?? null,
    createdAt: record.createdAt.toISOString(),
    finishedAt: record.finishedAt?.toISOString() ?? null,
  };
}

type Look = Pick<ImportDetail, 'header' | 'sample'> & Partial<Pick<ImportDetail, 'suggested'>>;

export function detailOf(record: ImportRecord, { header, sample, suggested }: Look): ImportDetail {
  const nothing = { mapping: null, missing: [], from: 'names' as const };
  return { ...viewOf(record), header, sample, mapping: record.mapping ?? null, suggested: suggested ?? nothing };
}
