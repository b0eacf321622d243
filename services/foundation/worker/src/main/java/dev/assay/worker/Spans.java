package dev.assay.worker;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;

/// The trace of the current thread.
final class Spans {

    private Spans() {}

    /// 32 hex digits; empty when nothing is traced.
    static String traceId() {
        SpanContext context = Span.current().getSpanContext();
        return context.isValid() ? context.getTraceId() : "";
    }
}
