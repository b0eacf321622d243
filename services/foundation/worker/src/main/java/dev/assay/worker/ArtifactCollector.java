package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds and removes the artifacts of a tenant that nothing names any more.
///
/// An artifact is named by a registered model or data set, and by every job, in whatever state: in its request, its
/// result, its files, its last checkpoint. What a job that is not over has stored may be named by nothing yet, so
/// nothing is removed that was stored or used since the oldest of these was submitted. What somebody uploads or asks
/// for is safe for the age that is demanded, which is at least an hour.
public final class ArtifactCollector {

    /// What becomes of what is found.
    public enum Mode {
        /// It is only listed.
        DRY_RUN,
        DELETE
    }

    /// @param before what has been used since then was not looked at
    /// @param heldBackBy the oldest job that is not over, if it is what `before` comes from; else empty
    /// @param named artifacts older than that which something names
    /// @param artifacts what is named by nothing, or was removed
    /// @param unfinished leftovers of writers that died which were removed
    public record Outcome(
            Mode mode, Instant before, String heldBackBy, int named, List<UnusedArtifact> artifacts, int unfinished) {
        public Outcome {
            artifacts = List.copyOf(artifacts);
        }

        /// Of all artifacts found, together.
        public long bytes() {
            return artifacts.stream().mapToLong(UnusedArtifact::size).sum();
        }
    }

    public static final Duration SHORTEST_AGE = Duration.ofHours(1);

    /// Of every job, whatever version of the product has made it: a digest in a message is plain text.
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /// The clocks of the machines, and the time between a submission and its snapshot.
    private static final Duration SLACK = Duration.ofHours(1);

    private static final Duration SLOWEST_UPLOAD = Duration.ofDays(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int PAGE = 500;

    private final ArtifactStore store;
    private final JobStates states;
    private final Registry registry;
    private final Clock clock;

    /// @param store of the tenant without a name
    /// @param states with all of every job
    public ArtifactCollector(ArtifactStore store, JobStates states, Registry registry, Clock clock) {
        this.store = store;
        this.states = states;
        this.registry = registry;
        this.clock = clock;
    }

    /// @param olderThan nothing that was used within this time is touched
    /// @throws ProblemException `malformed-field` for less than an hour; `mesh-unavailable`, `storage-unavailable`
    public Outcome collect(String tenant, Duration olderThan, Mode mode) {
        if (olderThan.compareTo(SHORTEST_AGE) < 0) {
            throw new ProblemException(
                    "malformed-field",
                    "olderThan",
                    "artifacts that were used within the last hour are never removed; olderThan is " + olderThan,
                    "send at least PT1H");
        }
        Instant now = clock.instant();
        ArtifactStore own = store.of(tenant);
        registry.awaitCaughtUp(PATIENCE);
        states.awaitCaughtUp(PATIENCE);
        Optional<Job> oldest = oldestUnfinished(tenant);
        Instant wanted = now.minus(olderThan);
        Instant bound = oldest.map(job -> JobLife.instant(job.getCreatedAt()).minus(SLACK))
                .orElse(wanted);
        Instant before = bound.isBefore(wanted) ? bound : wanted;
        // candidates first: a job that comes after them asks for what it names, and that is seen when one is removed
        List<UnusedArtifact> candidates = own.unused(before);
        states.awaitCaughtUp(PATIENCE);
        Set<String> named = named(tenant);
        List<UnusedArtifact> found = new ArrayList<>();
        for (UnusedArtifact candidate : candidates) {
            boolean goes = !named.contains(candidate.digest())
                    && (mode == Mode.DRY_RUN || own.remove(candidate.digest(), before));
            if (goes) {
                found.add(candidate);
            }
        }
        int kept = (int) candidates.stream()
                .filter(candidate -> named.contains(candidate.digest()))
                .count();
        int unfinished = mode == Mode.DELETE ? own.removeUnfinished(earlier(before, now.minus(SLOWEST_UPLOAD))) : 0;
        String heldBackBy = before.equals(wanted) ? "" : oldest.map(Job::getId).orElse("");
        return new Outcome(mode, before, heldBackBy, kept, found, unfinished);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private Optional<Job> oldestUnfinished(String tenant) {
        List<Job> oldest = new ArrayList<>();
        forEachJob(new JobStates.Filter("", List.of(Job.State.QUEUED, Job.State.RUNNING), List.of(tenant)), job -> {
            oldest.clear(); // they come newest first
            oldest.add(job);
        });
        return oldest.stream().findFirst();
    }

    private Set<String> named(String tenant) {
        Set<String> named = new HashSet<>();
        forEachJob(new JobStates.Filter("", List.of(), List.of(tenant)), job -> addDigests(job, named));
        registry.of(tenant).models().forEach(model -> addDigests(model, named));
        registry.of(tenant).dataSets().forEach(dataSet -> addDigests(dataSet, named));
        return named;
    }

    private void forEachJob(JobStates.Filter filter, Consumer<Job> each) {
        String cursor = "";
        do {
            JobStates.Page page = states.list(filter, cursor, PAGE);
            page.jobs().forEach(each);
            cursor = page.next();
        } while (!cursor.isEmpty());
    }

    private static void addDigests(Message message, Set<String> digests) {
        Matcher matcher = DIGEST.matcher(new String(message.toByteArray(), StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            digests.add(matcher.group());
        }
    }
}
