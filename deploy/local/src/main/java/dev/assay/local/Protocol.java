package dev.assay.local;

/// How a service shows that it is ready, and not merely started.
enum Protocol {
    KAFKA,
    REDIS,
    HTTP;

    /// Whether the service on this port answers as a ready one does, within a second.
    boolean answers(int port) {
        return switch (this) {
            case KAFKA -> Probes.kafka(port);
            case REDIS -> Probes.redis(port);
            case HTTP -> Probes.http(port, "/q/health/ready");
        };
    }
}
