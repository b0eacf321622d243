package dev.assay.worker;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/// How one worker process takes jobs.
///
/// @param name tells this worker from others in events and logs, such as `attack-1`
/// @param slots jobs that run at the same time, 1 to 64
/// @param attempts how often a job is started before it is given up, 1 to 8; a job is started again only when
///     its worker died or froze, never because it failed
/// @param lock how long a worker that froze keeps its job from the others, 1 to 60 s (the broker sets its own
///     bounds); a living worker renews it three times in this time
/// @param grace how long a stopping worker lets its running jobs finish before it hands them back
/// @param devices the kinds of device whose queues it takes jobs from: {@link #ANY_DEVICE} for the jobs that run
///     anywhere, `cuda` for those that insist on a GPU; at least one
public record WorkerConfiguration(
        String name, int slots, int attempts, Duration lock, Duration grace, Set<String> devices) {

    /// The jobs that run on any device.
    public static final String ANY_DEVICE = "";

    private static final Duration SHORTEST_LOCK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOCK = Duration.ofSeconds(60);

    public WorkerConfiguration {
        Objects.requireNonNull(name, "name");
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "assay.worker.name '" + name + "': 1 to 100 letters, digits, '.', '_' or '-'");
        }
        requireRange("assay.worker.slots", slots, 1, 64);
        requireRange("assay.worker.attempts", attempts, 1, 8);
        if (lock.compareTo(SHORTEST_LOCK) < 0 || lock.compareTo(LONGEST_LOCK) > 0) {
            throw new IllegalArgumentException("assay.worker.lock is " + lock + ": 1 to 60 s");
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("assay.worker.grace is " + grace + ": not negative");
        }
        devices = Set.copyOf(devices);
        if (devices.isEmpty() || !Set.of(ANY_DEVICE, WorkQueue.CUDA).containsAll(devices)) {
            throw new IllegalArgumentException("assay.worker.devices is " + devices + ": cpu, cuda or both");
        }
    }

    static boolean isName(String name) {
        return name.matches("[A-Za-z0-9._-]{1,100}");
    }

    /// One slot, three attempts, a lock of 15 s, ten seconds of grace, the jobs that run on any device.
    public static WorkerConfiguration named(String name) {
        return new WorkerConfiguration(name, 1, 3, Duration.ofSeconds(15), Duration.ofSeconds(10), Set.of(ANY_DEVICE));
    }

    public WorkerConfiguration withSlots(int count) {
        return new WorkerConfiguration(name, count, attempts, lock, grace, devices);
    }

    public WorkerConfiguration withLock(Duration duration) {
        return new WorkerConfiguration(name, slots, attempts, duration, grace, devices);
    }

    public WorkerConfiguration withAttempts(int count) {
        return new WorkerConfiguration(name, slots, count, lock, grace, devices);
    }

    public WorkerConfiguration withGrace(Duration duration) {
        return new WorkerConfiguration(name, slots, attempts, lock, duration, devices);
    }

    public WorkerConfiguration withDevices(Set<String> kinds) {
        return new WorkerConfiguration(name, slots, attempts, lock, grace, kinds);
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ": " + least + " to " + most);
        }
    }
}
