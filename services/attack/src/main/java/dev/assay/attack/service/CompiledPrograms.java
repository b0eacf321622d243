package dev.assay.attack.service;

import dev.assay.runtime.ProgramCache;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The process's one cache of compiled models and gradient steps: the next job on a model compiles nothing.
@Dependent
class CompiledPrograms {

    @Produces
    @Singleton
    ProgramCache programs(
            @ConfigProperty(name = "assay.runtime.session-memory", defaultValue = "512M") MemorySize budget,
            MeterRegistry meters) {
        var cache = new ProgramCache(budget.asLongValue());
        count(meters, cache, "hit", programs -> programs.statistics().hits());
        count(meters, cache, "miss", programs -> programs.statistics().misses());
        Gauge.builder(
                        "assay.programs.memory",
                        cache,
                        programs -> programs.statistics().bytes())
                .description("What the compiled programs are reckoned to take")
                .baseUnit("bytes")
                .register(meters);
        return cache;
    }

    void close(@Disposes ProgramCache cache) {
        cache.close();
    }

    private static void count(
            MeterRegistry meters, ProgramCache cache, String result, ToDoubleFunction<ProgramCache> figure) {
        FunctionCounter.builder("assay.programs.requests", cache, figure)
                .description("Compiled programs asked for")
                .tag("result", result)
                .register(meters);
    }
}
