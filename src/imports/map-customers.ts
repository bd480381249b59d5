/** A row of a file -> a customer as the open API takes it. Pure. Consents are not imported: a file is no evidence that somebody agreed. */
import { CustomerInput } from '../contracts/index.js';
import { customerFields } from '../contracts/http/imports.js';
import type { CustomerField } from '../contracts/http/imports.js';
import { tidyBirthday, tidyMoment } from './dates.js';
import { createDraft } from './draft.js';
import type { Made } from './draft.js';
import { defined, phoneOf } from './map-orders.js';
import type { Mapping } from './map-orders.js';
import type { SourceRow } from './rows.js';
import { good, tidyGender, tidyKey } from './tidy.js';
import type { Tidied } from './tidy.js';

const text = (value: string): Tidied<string> => good(value);

export function makeCustomer(parts: Mapping, row: SourceRow, externalId: string): Made<CustomerInput> {
  const { mapping, cells, now } = parts;
  const { zone, dateFormats: formats, genders } = mapping.transforms;
  const draft = createDraft(cells);
  const at = (field: CustomerField): string | undefined =>
    draft.take(row, field, (value) => tidyMoment(value, { zone, formats, now }))?.toISOString();
  const customer = defined({
    source: mapping.source,
    externalId,
    name: draft.take(row, 'name', text),
    ...phoneOf(parts, draft, row, ''),
    gender: draft.take(row, 'gender', (word) => tidyGender(word, genders)),
    birthday: draft.take(row, 'birthday', tidyBirthday),
    province: draft.take(row, 'province', text),
    city: draft.take(row, 'city', text),
    address: draft.take(row, 'address', text),
    unionid: draft.take(row, 'unionid', tidyKey),
    openid: draft.take(row, 'openid', tidyKey),
    createdAt: at('createdAt'),
    updatedAt: at('updatedAt'),
  });
  return draft.finish(CustomerInput, customer, (path) => ({
    row,
    field: customerFields.find((field) => field === path[0]) ?? 'externalId',
  }));
}
