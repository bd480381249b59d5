/** Work that waits for a pause, for a search while one types; nothing runs once the component is gone. */
import { onUnmounted } from 'vue';

export function useDelayed(work: () => void, pauseMs = 250): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onUnmounted(() => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, pauseMs);
  };
}
