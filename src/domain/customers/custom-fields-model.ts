/** Stored shape of the definitions of the shop's own fields. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { CustomField } from './custom-fields.js';

/** `_id`: the field's key. */
export interface CustomFieldRecord extends Omit<CustomField, 'key'> {
  _id: string;
  createdAt: Date;
}

export interface CustomFieldModels {
  customFields: Model<CustomFieldRecord>;
}

const titles = { 'zh-CN': String, en: String };

const customField = new Schema<CustomFieldRecord>(
  {
    _id: String,
    title: titles,
    type: { type: String },
    options: { type: [{ _id: false, value: String, title: titles }], default: undefined },
    createdAt: Date,
  },
  { strict: 'throw', versionKey: false },
);

export function customFieldModels(connection: Connection): CustomFieldModels {
  return { customFields: connection.model<CustomFieldRecord>('CustomField', customField, 'custom_fields') };
}
