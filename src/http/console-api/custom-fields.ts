/** The shop's own fields: what they are, and what they hold of a person. */
import {
  ChangeFields,
  CustomerMarks,
  CustomFieldKey,
  CustomFields,
  CustomFieldView,
  PutCustomField,
} from '../../contracts/index.js';
import type { MarksPort } from '../ports-people.js';
import { json, route } from '../route.js';
import type { Route } from '../route.js';
import { ById } from './ids.js';

export function customFieldRoutes(marks: MarksPort): Route[] {
  return [
    route({
      method: 'GET',
      path: '/console/v1/custom-fields',
      access: { permission: 'customers.read' },
      limit: 'console',
      summary: "The shop's own fields",
      response: json(CustomFields),
      handle: async () => marks.fields(),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/custom-fields/:key',
      access: { permission: 'segments.edit' },
      limit: 'console',
      audit: 'field.put',
      summary: 'Make a field or change its title and options; its type stays',
      params: CustomFieldKey,
      body: PutCustomField,
      response: json(CustomFieldView),
      refusals: ['field.options', 'field.typeChanged', 'field.tooMany'],
      handle: async ({ params, body, by }) => marks.putField(params.key, body, by),
    }),
    route({
      method: 'PUT',
      path: '/console/v1/customers/:id/fields',
      access: { permission: 'customers.edit' },
      limit: 'console',
      audit: 'customer.fields',
      summary: 'Set own fields of a person; null empties one, those not named stay',
      params: ById,
      body: ChangeFields,
      response: json(CustomerMarks),
      refusals: ['customer.notFound'],
      handle: async ({ params, body, by }) => marks.changeFields(params.id, body, by),
    }),
  ];
}
