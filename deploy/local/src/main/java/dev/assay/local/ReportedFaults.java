package dev.assay.local;

import kafka.server.FaultHandlerFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.LoggingFaultHandler;

/// Kafka's own handlers halt the JVM on a fatal fault. An embedded broker shares its JVM with tests, so a
/// fault is logged and raised instead, and start-up fails with it.
final class ReportedFaults implements FaultHandlerFactory {

    @Override
    public FaultHandler build(String name, boolean fatal, Runnable action) {
        return new LoggingFaultHandler(name, action);
    }
}
