import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '../../src/infra/metrics.js';

describe('metrics', () => {
  it('renders what was counted and watched, all under huike_', async () => {
    const metrics = createMetrics();
    metrics.inbound.inc({ channel: 'official-account', kind: 'message', outcome: 'stored' });
    metrics.deliverySeconds.observe({ route: 'template' }, 0.02);
    let length = 3;
    metrics.watch('queue_jobs', 'Jobs in the queue', async () => length++);
    const { body, contentType } = await metrics.render();
    expect(contentType).toContain('text/plain');
    expect(body).toContain('huike_inbound_events_total{channel="official-account",kind="message",outcome="stored"} 1');
    expect(body).toContain('huike_delivery_seconds_bucket{le="0.025",route="template"} 1');
    expect(body).toContain('huike_queue_jobs 3');
    expect((await metrics.render()).body).toContain('huike_queue_jobs 4');
    const names = body.split('\n').filter((line) => line && !line.startsWith('#'));
    expect(names.filter((line) => !line.startsWith('huike_'))).toEqual([]);
  });

  it('keeps two apps in one process apart', async () => {
    const [one, two] = [createMetrics({ process: false }), createMetrics({ process: false })];
    one.deliveries.inc({ route: 'customer-message', outcome: 'sent', reason: '' });
    expect((await one.render()).body).toContain('outcome="sent"');
    expect((await two.render()).body).not.toContain('outcome="sent"');
  });
});
