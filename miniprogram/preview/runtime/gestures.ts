/** Pulling a page down from its top to refresh it, and reaching its end: by finger or mouse. */
import { element } from './dom.js';

export interface GestureActions {
  pullDown: boolean;
  /** Pixels before the end that count as the end. */
  distance: number;
  pulled(): void;
  reachedBottom(): void;
  scrolled(scrollTop: number): void;
}
export interface Gestures {
  refreshing(): void;
  refreshed(): void;
  stop(): void;
}

const far = 60;

export function watchGestures(page: HTMLElement, actions: GestureActions): Gestures {
  const spinner = element('div', { class: 'mp-refresh', text: '• • •' });
  const gestures: Gestures = {
    refreshing: () => page.prepend(spinner),
    refreshed: () => spinner.remove(),
    stop: () => spinner.remove(),
  };
  watchEnd(page, actions);
  if (actions.pullDown) watchPull(page, () => (gestures.refreshing(), actions.pulled()));
  return gestures;
}

function watchEnd(page: HTMLElement, { distance, reachedBottom, scrolled }: GestureActions): void {
  let atEnd = false;
  page.addEventListener('scroll', () => {
    scrolled(page.scrollTop);
    const isAtEnd = page.scrollHeight - page.scrollTop - page.clientHeight <= distance;
    if (isAtEnd && !atEnd) reachedBottom();
    atEnd = isAtEnd;
  });
}

function watchPull(page: HTMLElement, pulled: () => void): void {
  let from: number | undefined;
  const begin = (y: number): void => {
    from = page.scrollTop <= 0 ? y : undefined;
  };
  const end = (y: number): void => {
    if (from !== undefined && page.scrollTop <= 0 && y - from > far) pulled();
    from = undefined;
  };
  page.addEventListener('touchstart', (event) => begin(event.touches[0]?.clientY ?? 0), { passive: true });
  page.addEventListener('touchend', (event) => end(event.changedTouches[0]?.clientY ?? 0), { passive: true });
  page.addEventListener('mousedown', (event) => begin(event.clientY));
  page.addEventListener('mouseup', (event) => end(event.clientY));
}
