/** Starts the console. */
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { whenSignedOut } from './api/client';
import { i18n } from './i18n';
import { restoreLocale } from './language';
import { router } from './router';
import { useSession } from './stores/session';
import './styles/theme.css';
import './styles/base.css';
import './styles/parts.css';

restoreLocale();
const app = createApp(App).use(createPinia()).use(i18n);
whenSignedOut(() => {
  useSession().forget();
  const { fullPath, name } = router.currentRoute.value;
  if (name !== 'sign-in') void router.replace({ name: 'sign-in', query: { to: fullPath } });
});
app.use(router).mount('#app');
