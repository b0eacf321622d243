package dev.assay.worker.quarkus;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a worker is told by configuration; docs/operations.md lists the names.
@ConfigMapping(prefix = "assay")
public interface WorkerSettings {

    Kafka kafka();

    Redis redis();

    Artifacts artifacts();

    Worker worker();

    interface Kafka {
        /// `host:port`, several separated by commas.
        @WithDefault("127.0.0.1:7702")
        String bootstrapServers();
    }

    interface Redis {
        @WithDefault("redis://127.0.0.1:7703")
        String uri();

        /// A file with the password, for an address that has none in it.
        Optional<Path> passwordFile();

        /// A file with the certificates to trust of a `rediss://` address; those of the platform otherwise.
        Optional<Path> trustFile();

        /// Bytes; larger features are computed anew each time.
        @WithDefault("67108864")
        long largestValue();
    }

    interface Artifacts {
        /// The store that the gateway and all workers share.
        @WithDefault("${user.home}/.assay/artifacts")
        Path folder();
    }

    interface Worker {
        /// Tells this worker from others in events and logs.
        String name();

        /// Jobs that run at the same time: a number, or `auto` for as many as the device's memory holds.
        @WithDefault("1")
        String slots();

        /// How much of the device's memory a job may need, for `slots=auto`.
        @WithDefault("4G")
        MemorySize slotMemory();

        /// The memory of the device, for `slots=auto`; asked of the device itself otherwise.
        Optional<MemorySize> deviceMemory();

        /// The jobs that this worker takes: `cpu` for those that run on any device, `cuda` for those that insist on
        /// a GPU.
        @WithDefault("cpu")
        List<String> devices();

        /// How often a job is started before it is given up.
        @WithDefault("3")
        int attempts();

        /// How long a frozen worker keeps its job from the others.
        @WithDefault("15s")
        Duration lock();

        /// What is added to the machine's clock: for drills that set a worker's clock off.
        @WithDefault("0s")
        Duration clockOffset();

        /// How long a stopping worker lets its running jobs finish.
        @WithDefault("10s")
        Duration grace();
    }
}
