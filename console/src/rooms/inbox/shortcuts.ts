/** Single-key shortcuts of the inbox. They rest while somebody types, holds a modifier, or has a dialog open. */
import { onMounted, onUnmounted } from 'vue';

const typing =
  'input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"], [role="radiogroup"]';

function resting(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return true;
  if (event.target instanceof Element && event.target.closest(typing)) return true;
  return [...document.querySelectorAll<HTMLElement>('.el-overlay')].some(
    (overlay) => overlay.offsetParent !== null || overlay.style.display !== 'none',
  );
}

export function useShortcuts(keys: Record<string, () => unknown>): void {
  const onKey = (event: KeyboardEvent): void => {
    const action = keys[event.key];
    if (!action || resting(event)) return;
    event.preventDefault();
    action();
  };
  onMounted(() => document.addEventListener('keydown', onKey));
  onUnmounted(() => document.removeEventListener('keydown', onKey));
}

/** Moves the focus through the list; from outside it starts at the open conversation, else at the first. */
export function moveInList(by: 1 | -1): void {
  const items = [...document.querySelectorAll<HTMLElement>('[data-testid="conversation-item"]')];
  const focused = items.findIndex((item) => item === document.activeElement);
  const open = items.findIndex((item) => item.getAttribute('aria-current') === 'true');
  const from = focused >= 0 ? focused : open;
  const next = from < 0 ? 0 : Math.min(items.length - 1, Math.max(0, from + by));
  items[next]?.focus();
  items[next]?.scrollIntoView({ block: 'nearest' });
}
