/** What operators watch, in Prometheus' format. Owns the registry and the names (all begin with huike_); measures nothing itself. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const answerSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  /** Events from chat platforms, by what became of them: stored, duplicate, failed. */
  inbound: Counter<'channel' | 'kind' | 'outcome'>;
  /** Customer messages the platform refused for quota although the ledger had some. */
  quotaDrifts: Counter<string>;
  /** Attempts to send, by outcome and its reason. */
  deliveries: Counter<'route' | 'outcome' | 'reason'>;
  /** From a row's due time to its outcome. */
  deliverySeconds: Histogram<'route'>;
  httpSeconds: Histogram<'method' | 'route' | 'status'>;
  /** A figure read when it is asked for, such as the length of a queue. */
  watch(name: string, help: string, read: () => Promise<number> | number): void;
  render(): Promise<{ contentType: string; body: string }>;
}

export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process ?? true) collectDefaultMetrics({ register: registry, prefix: 'huike_' });
  const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name: `huike_${name}`, help, labelNames, registers });
  const seconds = <L extends string>(name: string, help: string, labelNames: L[]): Histogram<L> =>
    new Histogram({ name: `huike_${name}`, help, labelNames, registers, buckets: answerSeconds });
  return {
    inbound: counter('inbound_events_total', 'Events received from chat platforms', ['channel', 'kind', 'outcome']),
    quotaDrifts: counter('quota_drifts_total', 'Customer messages refused for quota although the ledger had some', []),
    deliveries: counter('deliveries_total', 'Attempts to send a message', ['route', 'outcome', 'reason']),
    deliverySeconds: seconds('delivery_seconds', 'From due to outcome', ['route']),
    httpSeconds: seconds('http_request_seconds', 'Time to answer a request', ['method', 'route', 'status']),
    watch: (name, help, read) => {
      const gauge: Gauge = new Gauge({
        name: `huike_${name}`,
        help,
        registers,
        collect: async () => gauge.set(await read()),
      });
    },
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
