/**
 * An OpenTelemetry SDK as an operator would load it: `node --import ./otel-sdk.ts gateway/src/main.ts`. It sends spans by
 * OTLP/HTTP, and OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_ENDPOINT say as what and where to.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
provider.register()
// The service exits once it is drained, and spans are sent in batches.
process.once('SIGTERM', () => void provider.forceFlush())
