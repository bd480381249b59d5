/** <picker> of the modes `selector`, `date` and `region`: the browser's own choice of a day, or a list to tap. */
import { element } from './dom.js';
import type { BuiltinDefinition, Self } from './types.js';

/** The preview knows a few places; the platform knows all. */
const places = [
  ['北京市', '北京市', '朝阳区'],
  ['上海市', '上海市', '浦东新区'],
  ['浙江省', '杭州市', '西湖区'],
  ['广东省', '深圳市', '南山区'],
  ['四川省', '成都市', '锦江区'],
];

export const pickerDefinition: BuiltinDefinition = {
  properties: {
    mode: { type: String, value: 'selector' },
    range: { type: Array, value: [] },
    rangeKey: { type: String, value: '' },
    value: { type: null, value: null },
    start: { type: String, value: '' },
    end: { type: String, value: '' },
    fields: { type: String, value: 'day' },
    level: { type: String, value: 'region' },
    disabled: { type: Boolean, value: false },
  },
  lifetimes: {
    attached() {
      this.$$.setAttribute('role', 'button');
      this.$$.addEventListener('click', () => this.data['disabled'] || open(this));
    },
  },
};

function open(self: Self): void {
  if (self.data['mode'] === 'date') return openDay(self);
  const isRegion = self.data['mode'] === 'region';
  const range = self.data['range'] as unknown[];
  const rows = isRegion ? places.map((place) => place.slice(0, 2).join(' ')) : range.map((row) => wordOf(self, row));
  choose(rows, (i) => self.triggerEvent('change', { value: isRegion ? places[i] : i }));
}

function wordOf(self: Self, row: unknown): string {
  const key = String(self.data['rangeKey']);
  return String(key && typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[key] : row);
}

function choose(rows: string[], chosen: (index: number) => void): void {
  const sheet = element('div', { class: 'mp-sheet', id: 'mp-picker' });
  const list = element('div', { class: 'mp-sheet-panel' });
  rows.forEach((row, i) => {
    const item = element('button', { class: 'mp-sheet-row', text: row });
    item.onclick = () => {
      sheet.remove();
      chosen(i);
    };
    list.append(item);
  });
  sheet.onclick = (event) => event.target === sheet && sheet.remove();
  sheet.append(list);
  document.querySelector('.mp-frame')?.append(sheet);
}

function openDay(self: Self): void {
  const sheet = element('div', { class: 'mp-sheet', id: 'mp-picker' });
  const panel = element('div', { class: 'mp-sheet-panel' });
  const day = element('input', { class: 'mp-sheet-day' });
  const start = String(self.data['start']);
  Object.assign(day, {
    type: 'date',
    value: String(self.data['value'] ?? ''),
    min: start,
    max: String(self.data['end']),
  });
  const done = element('button', { class: 'mp-sheet-row', text: '确定' });
  done.onclick = () => {
    sheet.remove();
    if (day.value) self.triggerEvent('change', { value: day.value });
  };
  sheet.onclick = (event) => event.target === sheet && sheet.remove();
  panel.append(day, done);
  sheet.append(panel);
  document.querySelector('.mp-frame')?.append(sheet);
}
