/** A message as phones show it: one bubble or card for each way. Pure. */
import type { Message, Route } from '../../api/types.js';

export interface PhoneItem {
  route: Route;
  look: 'bubble' | 'card';
  title: string;
  lines: Array<{ name: string; text: string }>;
  page: string;
}

/** `fill`: puts examples in the place of words; of a person's own preview nothing is left to fill. */
export function phoneItems({ variants }: Message, fill: (text: string) => string): PhoneItem[] {
  return (Object.entries(variants) as Array<[Route, Message['variants'][Route]]>).flatMap(([route, content]) => {
    if (!content) return [];
    if (content.type === 'text') return [bubble(route, fill(content.text))];
    if (content.type !== 'notice' && content.type !== 'template') return [bubble(route, `[${content.type}]`)];
    const { title, ...rest } = content.data;
    const isOurs = route === 'member-inbox';
    const lines = Object.entries(isOurs ? rest : content.data).map(([name, text]) => ({
      name: isOurs ? '' : name,
      text: fill(text),
    }));
    const page = content.type === 'notice' ? (content.page ?? '') : (content.miniProgram?.pagePath ?? '');
    return [{ route, look: 'card', title: isOurs && title ? fill(title) : '', lines, page }];
  });
}

const bubble = (route: Route, text: string): PhoneItem => ({
  ...{ route, look: 'bubble', title: '', page: '' },
  lines: [{ name: '', text }],
});
